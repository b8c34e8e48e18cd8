using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Optimization;

/// <summary>How weights are changed, beside rate and schedule: per part, scaled to the batch, frozen, averaged. All of it bears on the bytes of the model.</summary>
public sealed record OptimizationOptions : IValidatableObject
{
    /// <summary>Rule by which the learning rate is carried from <see cref="ReferenceBatch"/> to the batch of this training.</summary>
    /// <value>Default: none.</value>
    public ScalingRule LrScaling { get; init; } = ScalingRule.None;

    /// <summary>Rows of the batch that the learning rates were found at.</summary>
    /// <value>Default: 64.</value>
    [Range(1, 1048576)]
    public int ReferenceBatch { get; init; } = 64;

    /// <summary>Share of all steps over which the schedule warmup_stable_decay falls.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0.0, 1.0)]
    public double DecayShare { get; init; } = 0.1;

    /// <summary>Shape of that fall.</summary>
    /// <value>Default: linear.</value>
    public DecayShape Decay { get; init; } = DecayShape.Linear;

    /// <summary>Where the schedule step_down steps down, as shares of all steps.</summary>
    /// <value>Default: 0.5 and 0.75.</value>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>What each milestone multiplies the rate by; null takes the one by which the last milestone arrives at final_learning_rate.</summary>
    /// <value>Default: null.</value>
    [Range(1e-6, 1.0)]
    public double? StepFactor { get; init; }

    /// <summary>Parts with a rate or weight decay of their own; the first whose pattern matches a parameter's name has it.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<PartOptions> Parts { get; init; } = [];

    /// <summary>Patterns of parameters that are left as they are, as in <see cref="PartOptions.Match"/>.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Whether weight decay also pulls at biases and layer norms.</summary>
    /// <value>Default: false.</value>
    public bool DecayBiasesAndNorms { get; init; }

    /// <summary>Keeps an exponential moving average of the weights, which becomes the model; its decay. Null for none.</summary>
    /// <value>Default: null.</value>
    [Range(0.0, 0.9999999)]
    public double? EmaDecay { get; init; }

    /// <summary>Whether the first updates of the moving average forget faster: decay min(ema_decay, (1 + t) / (10 + t)).</summary>
    /// <value>Default: true.</value>
    public bool EmaWarmup { get; init; } = true;

    /// <summary>Averages the weights of the last part of the training, which becomes the model: from this share of the steps on. Null for none.</summary>
    /// <value>Default: null.</value>
    [Range(0.0, 1.0)]
    public double? AverageFrom { get; init; }

    /// <summary>Steps between the weights that are averaged; the last step's always count.</summary>
    /// <value>Default: 10.</value>
    [Range(1, int.MaxValue)]
    public int AverageEvery { get; init; } = 10;

    /// <summary>The schedule with the shapes of these options.</summary>
    /// <param name="kind">Shape after warm-up.</param>
    /// <param name="rate">Rate at the end of warm-up, scaled.</param>
    /// <param name="finalRate">Rate towards which it falls.</param>
    /// <param name="warmup">Warm-up steps.</param>
    /// <param name="total">Steps in all.</param>
    public LearningRateSchedule Schedule(ScheduleKind kind, double rate, double finalRate, int warmup, int total) => new(kind, rate, finalRate, warmup, total)
    {
        DecayShare = DecayShare,
        Decay = Decay,
        Milestones = Milestones,
        Factor = StepFactor,
    };

    /// <summary>What contradicts itself or cannot be read.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Milestones.Any(m => m is not (>= 0 and <= 1)) || Milestones.Zip(Milestones.Skip(1)).Any(p => p.First >= p.Second))
        {
            yield return new ValidationResult($"found {string.Join(", ", Milestones)}; expected shares of the steps from 0 to 1, rising.", [nameof(Milestones)]);
        }

        foreach (var part in Parts.Where(p => p.LearningRate is not null && p.Multiplier is not null))
        {
            yield return new ValidationResult($"'{part.Match}' has both learning_rate and multiplier; expected one of them.", [nameof(Parts)]);
        }

        foreach (var (option, pattern) in Parts.Select(p => (nameof(Parts), p.Match)).Concat(Freeze.Select(f => (nameof(Freeze), f))))
        {
            if (ParameterPattern.Fault(pattern) is { } fault)
            {
                yield return new ValidationResult(fault, [option]);
            }
        }

        if (EmaDecay is not null && AverageFrom is not null)
        {
            yield return new ValidationResult("found both ema_decay and average_from; expected one of them, since only one can become the model.", [nameof(AverageFrom)]);
        }
    }
}
