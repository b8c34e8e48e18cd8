using System.ComponentModel.DataAnnotations;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;

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

    /// <summary>Passes over the rows; ignored when <see cref="MaxSteps"/> is set.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 10000)]
    public int Epochs { get; init; } = 3;

    /// <summary>Optimizer steps; null for as many as <see cref="Epochs"/> give. Rows are gone over again as often as needed.</summary>
    /// <value>Default: null.</value>
    [Range(1, int.MaxValue)]
    public int? MaxSteps { get; init; }

    /// <summary>Rows of a batch: each query's negatives are the passages of all other rows.</summary>
    /// <value>Default: 1024.</value>
    [Range(2, 65536)]
    public int BatchSize { get; init; } = 1024;

    /// <summary>Hard negatives drawn of each row's, anew each epoch; 0 trains on in-batch negatives alone.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 64)]
    public int Negatives { get; init; } = 1;

    /// <summary>Temperature τ: similarities are divided by it.</summary>
    /// <value>Default: 0.05.</value>
    [Range(1e-4, 10)]
    public double Temperature { get; init; } = 0.05;

    /// <summary>Adds the loss of finding the query given its passage.</summary>
    /// <value>Default: true.</value>
    public bool Symmetric { get; init; } = true;

    /// <summary>Matryoshka dimensions: the loss is also taken on the first d components for each d; empty for none.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> MatryoshkaDims { get; init; } = [];

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
