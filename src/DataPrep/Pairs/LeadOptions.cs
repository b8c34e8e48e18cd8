using System.ComponentModel.DataAnnotations;

namespace DataPrep.Pairs;

/// <summary>Options of the generator lead.</summary>
public sealed record LeadOptions
{
    /// <summary>Least words of the first sentence.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 1000)]
    public int MinWords { get; init; } = 3;

    /// <summary>Most words of the first sentence.</summary>
    /// <value>Default: 40.</value>
    [Range(1, 1000)]
    public int MaxWords { get; init; } = 40;

    /// <summary>Least words of what is left.</summary>
    /// <value>Default: 8.</value>
    [Range(1, 1000)]
    public int MinRest { get; init; } = 8;
}
