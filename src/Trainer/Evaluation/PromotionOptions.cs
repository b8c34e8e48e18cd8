using System.ComponentModel.DataAnnotations;

namespace Trainer.Evaluation;

/// <summary>When a model replaces another.</summary>
public sealed record PromotionOptions
{
    /// <summary>What both are measured by, query by query.</summary>
    /// <value>Default: ndcg@10.</value>
    public string Metric { get; init; } = "ndcg@10";

    /// <summary>The candidate is kept out where so low a difference had at most this chance with a candidate that is not worse.</summary>
    /// <value>Default: 0.05.</value>
    [Range(0, 1)]
    public double Alpha { get; init; } = 0.05;

    /// <summary>What the candidate may be worse by, in units of the metric.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 1)]
    public double Margin { get; init; }

    /// <summary>With fewer held-out queries nothing can be told, and the current model stays.</summary>
    /// <value>Default: 10.</value>
    [Range(1, 1_000_000)]
    public int MinQueries { get; init; } = 10;

    /// <summary>Assignments of signs that the test draws.</summary>
    /// <value>Default: 10,000.</value>
    [Range(100, 10_000_000)]
    public int Resamples { get; init; } = 10_000;
}
