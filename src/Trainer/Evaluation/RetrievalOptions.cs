using System.ComponentModel.DataAnnotations;

namespace Trainer.Evaluation;

/// <summary>How the results of BM25 and the model are combined.</summary>
public enum HybridKind
{
    /// <summary>Weighted sum of normalised scores; the weight is chosen on dev queries.</summary>
    Weighted,

    /// <summary>Reciprocal-rank fusion, k = 60: nothing to choose.</summary>
    ReciprocalRank,
}

/// <summary>Options of an evaluation.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Analyzers of BM25; of several the one with the best nDCG@10 on dev queries is used.</summary>
    /// <value>Default: standard.</value>
    [MinLength(1)]
    public IReadOnlyList<string> Analyzers { get; init; } = ["standard"];

    /// <summary>BM25's k1.</summary>
    /// <value>Default: 1.2.</value>
    [Range(0, 100)]
    public double K1 { get; init; } = 1.2;

    /// <summary>BM25's b.</summary>
    /// <value>Default: 0.75.</value>
    [Range(0, 1)]
    public double B { get; init; } = 0.75;

    /// <summary>Results per query of each system.</summary>
    /// <value>Default: 1000.</value>
    [Range(1, 100_000)]
    public int Depth { get; init; } = 1000;

    /// <summary>How BM25 and model are combined.</summary>
    /// <value>Default: weighted.</value>
    public HybridKind Hybrid { get; init; } = HybridKind.Weighted;

    /// <summary>How scores become comparable in a weighted hybrid.</summary>
    /// <value>Default: z_score.</value>
    public ScoreNormalization Normalization { get; init; } = ScoreNormalization.ZScore;

    /// <summary>Weights of the model that are tried on dev queries; the first is used where there are none.</summary>
    /// <value>Default: 0.2 first, which serves unseen collections best, then 0.1 to 0.9 in steps of 0.05.</value>
    [MinLength(1)]
    public IReadOnlyList<double> Weights { get; init; } = [0.2, .. Enumerable.Range(2, 17).Select(i => Math.Round(i * 0.05, 2))];

    /// <summary>Dev queries looked at (a seeded sample).</summary>
    /// <value>Default: 1000.</value>
    [Range(1, 1_000_000)]
    public int DevQueries { get; init; } = 1000;

    /// <summary>Bootstrap resamples.</summary>
    /// <value>Default: 2000.</value>
    [Range(100, 1_000_000)]
    public int Resamples { get; init; } = Bootstrap.DefaultResamples;
}
