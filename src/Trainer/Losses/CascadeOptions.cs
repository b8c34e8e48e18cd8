using System.ComponentModel.DataAnnotations;

namespace Trainer.Losses;

/// <summary>Terms of ERNIE-Search's cascade. The paper weighs all alike.</summary>
public sealed record CascadeOptions
{
    /// <summary>Weight of the cross-encoder's label loss; 0 where its scores are given and not trained.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double CrossWeight { get; init; } = 1;

    /// <summary>Weight of late interaction's label loss.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double LateWeight { get; init; } = 1;

    /// <summary>Weight of the dual encoder's label loss.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double DualWeight { get; init; } = 1;

    /// <summary>The cross-encoder teaches late interaction.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow CrossToLate { get; init; } = new();

    /// <summary>Late interaction teaches the dual encoder.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow LateToDual { get; init; } = new();

    /// <summary>The cross-encoder teaches the dual encoder.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow CrossToDual { get; init; } = new();

    /// <summary>The cross-encoder's attention from query to passage teaches late interaction's; the temperature divides late interaction's similarities alone.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow Attention { get; init; } = new();
}
