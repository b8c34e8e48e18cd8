using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Objectives;

/// <summary>One teacher and one student of a cascade.</summary>
public sealed record CascadeArrow
{
    /// <summary>Weight of the divergence; 0 leaves it out.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double Weight { get; init; } = 1;

    /// <summary>Temperature T: both sides' scores are divided by it, and the divergence multiplied by its square. Of the attention term what the late interaction's products are divided by, alone.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-4, 1000)]
    public double Temperature { get; init; } = 1;

    /// <summary>Whether the teacher learns nothing from its student.</summary>
    /// <value>Default: true.</value>
    public bool StopGradient { get; init; } = true;
}
