using TorchSharp;
using Trainer.Evaluation;
using Trainer.Training.Distributed;
using Trainer.Training.Guides;
using Trainer.Training.Watching;

namespace Trainer.Training;

/// <summary>What a training is given.</summary>
public sealed record TrainInputs
{
    /// <summary>The training rows.</summary>
    public required TrainingSet Rows { get; init; }

    /// <summary>Digest of the shards: a checkpoint of other data is passed over.</summary>
    public required string DataDigest { get; init; }

    /// <summary>Files of the tokenizer, or of the initial model whose tokenizer it is.</summary>
    public required FileSet Tokenizer { get; init; }

    /// <summary>The model to go on from; null starts anew.</summary>
    public FileSet? InitialModel { get; init; }

    /// <summary>Held-out queries; null trains without evaluation.</summary>
    public RetrievalCollection? Dev { get; init; }

    /// <summary>What the held-out queries look like.</summary>
    /// <value>Default: titles or other pieces of documents.</value>
    public TaskKind DevKind { get; init; } = TaskKind.TitleContent;

    /// <summary>Further collections that the model is measured on while it is trained.</summary>
    public IReadOnlyList<WatchCollection> Collections { get; init; } = [];

    /// <summary>A cross-encoder that a cascade begins with; null makes a new one over the encoder's own transformer.</summary>
    public FileSet? CrossEncoder { get; init; }

    /// <summary>Makes the guide on a device, for phases whose loss wants one; null where there is none.</summary>
    public Func<torch.Device, IGuide>? Guide { get; init; }

    /// <summary>Digest of the guide, empty without one: a checkpoint of another guide is passed over.</summary>
    public string GuideDigest { get; init; } = "";

    /// <summary>Digest of the teacher's scores, empty without any.</summary>
    public string TeacherDigest { get; init; } = "";

    /// <summary>File in which batch sizes found by trial are kept, for the table auto; null for one among the user's own data.</summary>
    public string? BatchSizesFile { get; init; }

    /// <summary>The clock that throughput is measured by; it bears on no byte.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Seed of the weights, the drawn negatives and the samples.</summary>
    public required long Seed { get; init; }

    /// <summary>Threads of libtorch; other counts give other last bits.</summary>
    public required int Threads { get; init; }

    /// <summary>Processes that train this model together, this one among them; they bear on no byte but the last bits of sums.</summary>
    /// <value>Default: this one alone.</value>
    public DistributedContext Ranks { get; init; } = DistributedContext.Single;

    /// <summary>Folder for checkpoints, which it names by step.</summary>
    public required string Scratch { get; init; }

    /// <summary>Folder for the model and the series.</summary>
    public required string Output { get; init; }

    /// <summary>Checkpoints to resume from, newest first.</summary>
    public IReadOnlyList<FileSet> Checkpoints { get; init; } = [];
}
