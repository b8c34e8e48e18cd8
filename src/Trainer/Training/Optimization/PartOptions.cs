using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Optimization;

/// <summary>A part of the model with a rate or weight decay of its own.</summary>
public sealed record PartOptions
{
    /// <summary>
    /// Which parameters, by name: with <c>*</c> (any characters) and <c>?</c> (one) over the whole name; <c>/…/</c> is a regular expression found anywhere in it; anything else is a
    /// name, or the beginning of one up to a dot (<c>encoder.layer.0</c>).
    /// </summary>
    [Required]
    [StringLength(ParameterPattern.MaxLength, MinimumLength = 1)]
    public string Match { get; init; } = "";

    /// <summary>Learning rate of the part where the training has its own; it rises and falls with the schedule.</summary>
    /// <value>Default: null, the training's.</value>
    [Range(0.0, 10.0)]
    public double? LearningRate { get; init; }

    /// <summary>What the training's learning rate is multiplied by for the part.</summary>
    /// <value>Default: null, 1.</value>
    [Range(0.0, 10000.0)]
    public double? Multiplier { get; init; }

    /// <summary>Weight decay of the part; biases and layer norms still have none unless decay_biases_and_norms says so.</summary>
    /// <value>Default: null, the training's.</value>
    [Range(0.0, 10.0)]
    public double? WeightDecay { get; init; }
}
