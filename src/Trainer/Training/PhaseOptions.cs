using System.ComponentModel.DataAnnotations;
using Trainer.Losses;
using Trainer.Training.Batches;
using Trainer.Training.Caching;
using Trainer.Training.Objectives;
using Trainer.Training.Optimization;

namespace Trainer.Training;

/// <summary>A phase of a training: what it does otherwise than the training's own options say. Optimizer and schedule begin anew with each phase; the weights go on.</summary>
public sealed record PhaseOptions
{
    /// <summary>What logs and curves call the phase.</summary>
    /// <value>Default: its number.</value>
    [StringLength(60, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <inheritdoc cref="TrainOptions.Objective"/>
    public ObjectiveKind? Objective { get; init; }

    /// <inheritdoc cref="TrainOptions.Epochs"/>
    [Range(1, 10000)]
    public int? Epochs { get; init; }

    /// <inheritdoc cref="TrainOptions.MaxSteps"/>
    [Range(0, int.MaxValue)]
    public int? MaxSteps { get; init; }

    /// <inheritdoc cref="TrainOptions.BatchSize"/>
    [Range(2, 65536)]
    public int? BatchSize { get; init; }

    /// <inheritdoc cref="TrainOptions.Batches"/>
    public BatchOptions? Batches { get; init; }

    /// <inheritdoc cref="TrainOptions.Negatives"/>
    [Range(0, 64)]
    public int? Negatives { get; init; }

    /// <inheritdoc cref="TrainOptions.Loss"/>
    public LossOptions? Loss { get; init; }

    /// <inheritdoc cref="TrainOptions.GradientCache"/>
    public GradientCacheOptions? GradientCache { get; init; }

    /// <inheritdoc cref="TrainOptions.MaskedLanguage"/>
    public MaskedLanguageOptions? MaskedLanguage { get; init; }

    /// <inheritdoc cref="TrainOptions.CrossEncoder"/>
    public CrossEncoderOptions? CrossEncoder { get; init; }

    /// <inheritdoc cref="TrainOptions.Cascade"/>
    public CascadeObjectiveOptions? Cascade { get; init; }

    /// <inheritdoc cref="TrainOptions.LearningRate"/>
    [Range(1e-12, 10)]
    public double? LearningRate { get; init; }

    /// <inheritdoc cref="TrainOptions.FinalLearningRate"/>
    [Range(0, 10)]
    public double? FinalLearningRate { get; init; }

    /// <inheritdoc cref="TrainOptions.Schedule"/>
    public ScheduleKind? Schedule { get; init; }

    /// <inheritdoc cref="TrainOptions.WarmupSteps"/>
    [Range(0, int.MaxValue)]
    public int? WarmupSteps { get; init; }

    /// <inheritdoc cref="TrainOptions.WarmupRatio"/>
    [Range(0, 1)]
    public double? WarmupRatio { get; init; }

    /// <inheritdoc cref="TrainOptions.WeightDecay"/>
    [Range(0, 10)]
    public double? WeightDecay { get; init; }

    /// <inheritdoc cref="TrainOptions.Clip"/>
    [Range(1e-9, 1e9)]
    public double? Clip { get; init; }

    /// <inheritdoc cref="TrainOptions.Optimization"/>
    public OptimizationOptions? Optimization { get; init; }

    /// <summary>The options of this phase: the training's, but for what it says otherwise.</summary>
    /// <param name="training">The training's options.</param>
    public TrainOptions Over(TrainOptions training) => training with
    {
        Objective = Objective ?? training.Objective,
        Epochs = Epochs ?? training.Epochs,
        MaxSteps = MaxSteps ?? (Epochs is null ? training.MaxSteps : null),
        BatchSize = BatchSize ?? training.BatchSize,
        Batches = Batches ?? training.Batches,
        Negatives = Negatives ?? training.Negatives,
        Loss = Loss ?? training.Loss,
        GradientCache = GradientCache ?? training.GradientCache,
        MaskedLanguage = MaskedLanguage ?? training.MaskedLanguage,
        CrossEncoder = CrossEncoder ?? training.CrossEncoder,
        Cascade = Cascade ?? training.Cascade,
        LearningRate = LearningRate ?? training.LearningRate,
        FinalLearningRate = FinalLearningRate ?? training.FinalLearningRate,
        Schedule = Schedule ?? training.Schedule,
        WarmupSteps = WarmupSteps ?? training.WarmupSteps,
        WarmupRatio = WarmupRatio ?? training.WarmupRatio,
        WeightDecay = WeightDecay ?? training.WeightDecay,
        Clip = Clip ?? training.Clip,
        Optimization = Optimization ?? training.Optimization,
        Phases = [],
    };
}
