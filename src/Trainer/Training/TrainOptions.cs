using System.ComponentModel.DataAnnotations;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Losses;
using Trainer.Training.Batches;
using Trainer.Training.Caching;
using Trainer.Training.Guides;
using Trainer.Training.Objectives;
using Trainer.Training.Optimization;
using Trainer.Training.Watching;

namespace Trainer.Training;

/// <summary>Which weights become the model.</summary>
public enum KeepKind
{
    /// <summary>Those after the last step.</summary>
    Last,

    /// <summary>Those of the evaluation with the best nDCG@10 on dev queries.</summary>
    Best,
}

/// <summary>Options of training. Everything but <see cref="CheckpointEvery"/> bears on the bytes of the model or its series.</summary>
public sealed record TrainOptions
{
    /// <summary>The encoder to build where no initial model is given.</summary>
    /// <value>Default: 256 dimensions.</value>
    public StaticEncoderOptions Encoder { get; init; } = new();

    /// <summary>A new transformer instead of <see cref="Encoder"/>; null for none.</summary>
    /// <value>Default: null.</value>
    public TransformerOptions? Transformer { get; init; }

    /// <summary>How the model is used, where the job wants another way than its initial model's.</summary>
    /// <value>Default: as the initial model says.</value>
    public ModelUse Model { get; init; } = new();

    /// <summary>Numbers that the encoder computes with; weights, losses and the optimizer keep 32 bits. A static encoder always has 32.</summary>
    /// <value>Default: fp32.</value>
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>Keeps of each layer of a transformer its input alone and computes the rest again for the gradient: less memory, about a third more time, the same gradients.</summary>
    /// <value>Default: false.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Tokens kept of a query, special ones included.</summary>
    /// <value>Default: the initial model's; 64 for a new one.</value>
    [Range(1, 65536)]
    public int? QueryLength { get; init; }

    /// <summary>Tokens kept of a passage, special ones included.</summary>
    /// <value>Default: the initial model's; 256 for a new one.</value>
    [Range(1, 65536)]
    public int? PassageLength { get; init; }

    /// <summary>What is optimised.</summary>
    /// <value>Default: contrastive.</value>
    public ObjectiveKind Objective { get; init; } = ObjectiveKind.Contrastive;

    /// <summary>Phases that follow each other, each with the options here but for what it says otherwise; none for a training of one phase.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<PhaseOptions> Phases { get; init; } = [];

    /// <summary>Passes over the rows; ignored when <see cref="MaxSteps"/> is set.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 10000)]
    public int Epochs { get; init; } = 3;

    /// <summary>Optimizer steps; null for as many as <see cref="Epochs"/> give. Rows are gone over again as often as needed. 0 makes the model without training it.</summary>
    /// <value>Default: null.</value>
    [Range(0, int.MaxValue)]
    public int? MaxSteps { get; init; }

    /// <summary>Rows of a batch: each query's negatives are the passages of all other rows.</summary>
    /// <value>Default: 1024.</value>
    [Range(2, 65536)]
    public int BatchSize { get; init; } = 1024;

    /// <summary>How rows become batches: what no batch holds twice, one source per batch, length buckets with sizes of their own.</summary>
    /// <value>Default: no text twice in a batch.</value>
    public BatchOptions Batches { get; init; } = new();

    /// <summary>Hard negatives drawn of each row's, anew each epoch; 0 trains on in-batch negatives alone.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 64)]
    public int Negatives { get; init; } = 1;

    /// <summary>The loss of a contrastive phase.</summary>
    /// <value>Default: info_nce, symmetric, temperature 0.05.</value>
    public LossOptions Loss { get; init; } = new();

    /// <summary>Lets few texts through the encoder at once while the loss is taken over the whole batch; null reads the whole batch at once.</summary>
    /// <value>Default: null.</value>
    public GradientCacheOptions? GradientCache { get; init; }

    /// <summary>How a guide is used, for losses that want one.</summary>
    /// <value>Default: another model than the one that training starts from.</value>
    public GuideOptions Guide { get; init; } = new();

    /// <summary>Masks of a masked-language phase.</summary>
    /// <value>Default: BERT's.</value>
    public MaskedLanguageOptions MaskedLanguage { get; init; } = new();

    /// <summary>Lists and loss of a cross-encoder phase.</summary>
    /// <value>Default: list-wise over 7 hard negatives.</value>
    public CrossEncoderOptions CrossEncoder { get; init; } = new();

    /// <summary>Parts and terms of a cascade phase.</summary>
    /// <value>Default: all terms with weight 1.</value>
    public CascadeObjectiveOptions Cascade { get; init; } = new();

    /// <summary>Learning rate after warm-up.</summary>
    /// <value>Default: 0.01.</value>
    [Range(1e-12, 10)]
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Learning rate towards which the schedule falls.</summary>
    /// <value>Default: 0.0002.</value>
    [Range(0, 10)]
    public double FinalLearningRate { get; init; } = 0.0002;

    /// <summary>Shape of the schedule after warm-up.</summary>
    /// <value>Default: linear.</value>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>Warm-up steps; null for <see cref="WarmupRatio"/> of all steps.</summary>
    /// <value>Default: null.</value>
    [Range(0, int.MaxValue)]
    public int? WarmupSteps { get; init; }

    /// <summary>Warm-up as a share of all steps; ignored when <see cref="WarmupSteps"/> is set.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 1)]
    public double WarmupRatio { get; init; } = 0.1;

    /// <summary>AdamW's decoupled weight decay.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 10)]
    public double WeightDecay { get; init; }

    /// <summary>AdamW's β2, the memory of squared gradients.</summary>
    /// <value>Default: 0.999.</value>
    [Range(0, 0.9999999)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Largest norm of the gradient; longer ones are scaled down. Null never clips.</summary>
    /// <value>Default: null.</value>
    [Range(1e-9, 1e9)]
    public double? Clip { get; init; }

    /// <summary>How weights are changed beside rate and schedule: rates per part, scaling to the batch, freezing, averaging.</summary>
    /// <value>Default: one rate for all, nothing frozen or averaged.</value>
    public OptimizationOptions Optimization { get; init; } = new();

    /// <summary>Length of the vectors of a new multi-vector head; null for the hidden states'.</summary>
    /// <value>Default: null.</value>
    [Range(1, 65536)]
    public int? MultiVectorLength { get; init; }

    /// <summary>What is looked for while the training runs, and what is done about it.</summary>
    /// <value>Default: alarms are told, nothing is stopped.</value>
    public WatchOptions Watch { get; init; } = new();

    /// <summary>Steps between evaluations on dev queries; 0 evaluates only at the end. Without dev queries nothing is evaluated.</summary>
    /// <value>Default: 100.</value>
    [Range(0, int.MaxValue)]
    public int EvalEvery { get; init; } = 100;

    /// <summary>Dev queries that training looks at (a seeded sample).</summary>
    /// <value>Default: 500.</value>
    [Range(1, 100000)]
    public int EvalQueries { get; init; } = 500;

    /// <summary>Documents they are ranked against: all relevant ones and a seeded sample of others.</summary>
    /// <value>Default: 10,000.</value>
    [Range(1, 10000000)]
    public int EvalDocuments { get; init; } = 10000;

    /// <summary>Steps between checkpoints; 0 for none. Has no bearing on the model.</summary>
    /// <value>Default: 50.</value>
    [Range(0, int.MaxValue)]
    public int CheckpointEvery { get; init; } = 50;

    /// <summary>Which weights become the model. Best falls back to last without dev queries.</summary>
    /// <value>Default: last.</value>
    public KeepKind Keep { get; init; } = KeepKind.Last;

    /// <summary>Where the training runs: cpu, cuda or cuda:INDEX.</summary>
    /// <value>Default: cpu.</value>
    [RegularExpression("cpu|cuda(:[0-9]{1,3})?")]
    public string Device { get; init; } = "cpu";

    /// <summary>Lets CUDA round the factors of Float32 products to TF32 (10 bits of mantissa): faster, other last digits.</summary>
    /// <value>Default: false.</value>
    public bool Tf32 { get; init; }
}
