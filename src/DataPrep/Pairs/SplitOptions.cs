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

    /// <summary>
    /// For a corpus that grows: dev and test are fractions of the groups, and the hash of a group's own name says where it belongs, whatever else is in the corpus. Every possible query of a dev or test group
    /// is one of the split. Documents that come move no group, so that no query held out once is ever trained on. Dev and test must be below 1, together too; <see cref="Spread"/> does not count.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Stable { get; init; }
}
