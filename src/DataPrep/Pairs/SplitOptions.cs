using System.ComponentModel.DataAnnotations;

namespace DataPrep.Pairs;

/// <summary>How many queries are kept from training. Below 1: a fraction of all possible queries; 1 and above: a count. Each takes at most a quarter of them.</summary>
public sealed record SplitOptions
{
    /// <summary>Queries to tune on.</summary>
    /// <value>Default: 0.02.</value>
    [Range(0, 10_000_000)]
    public double Dev { get; init; } = 0.02;

    /// <summary>Queries to report on.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 10_000_000)]
    public double Test { get; init; }
}
