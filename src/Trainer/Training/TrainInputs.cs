using Trainer.Evaluation;

namespace Trainer.Training;

/// <summary>What a training is given.</summary>
public sealed record TrainInputs
{
    /// <summary>The training rows.</summary>
    public required TrainingSet Rows { get; init; }

    /// <summary>Batches of an epoch, as indices into <see cref="TrainingSet.Rows"/>: a pure function of the epoch, so that any batch can be found again.</summary>
    public required Func<int, IReadOnlyList<int[]>> Plan { get; init; }

    /// <summary>Digest of the shards: a checkpoint of other data is passed over.</summary>
    public required string DataDigest { get; init; }

    /// <summary>Files of the tokenizer, or of the initial model whose tokenizer it is.</summary>
    public required FileSet Tokenizer { get; init; }

    /// <summary>The model to go on from; null starts anew.</summary>
    public FileSet? InitialModel { get; init; }

    /// <summary>Held-out queries; null trains without evaluation.</summary>
    public RetrievalCollection? Dev { get; init; }

    /// <summary>Seed of the weights, the drawn negatives and the samples.</summary>
    public required long Seed { get; init; }

    /// <summary>Threads of libtorch; other counts give other last bits.</summary>
    public required int Threads { get; init; }

    /// <summary>Folder for checkpoints, which it names by step.</summary>
    public required string Scratch { get; init; }

    /// <summary>Folder for the model and the series.</summary>
    public required string Output { get; init; }

    /// <summary>Checkpoints to resume from, newest first.</summary>
    public IReadOnlyList<FileSet> Checkpoints { get; init; } = [];
}
