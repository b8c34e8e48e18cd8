using System.ComponentModel.DataAnnotations;

namespace Trainer.Losses;

/// <summary>One teacher and one student of a cascade.</summary>
public sealed record CascadeArrow
{
    /// <summary>Weight of the divergence in the loss; 0 leaves it out.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double Weight { get; init; } = 1;

    /// <summary>Scores of both sides are divided by it, and the divergence is multiplied by its square.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-4, 1000)]
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the gradient from the teacher.</summary>
    /// <value>Default: true.</value>
    public bool StopGradient { get; init; } = true;
}
