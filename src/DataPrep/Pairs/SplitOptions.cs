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

    /// <summary>
    /// Held-out groups are drawn until they hold this many times the asked queries, of which the asked ones are then sampled. Above 1, a few large groups cannot fill a split; the price is training pairs.
    /// </summary>
    /// <value>Default: 1.</value>
    [Range(1, 100)]
    public double Spread { get; init; } = 1;
}
