using System.ComponentModel.DataAnnotations;

namespace Trainer.Merging;

/// <summary>What to do where a model lost more than allowed.</summary>
public enum ForgettingPolicy
{
    /// <summary>Say so.</summary>
    Tell,

    /// <summary>End with an error.</summary>
    Refuse,
}

/// <summary>How much a model may lose on collections that it was not trained for.</summary>
public sealed record ForgettingOptions
{
    /// <summary>Largest fall of a metric that is allowed on each collection, absolute: 0.01 is one point of nDCG.</summary>
    /// <value>Default: 0.01.</value>
    [Range(0.0, 1.0)]
    public double MaxDrop { get; init; } = 0.01;

    /// <summary>Metrics that count, by name.</summary>
    /// <value>Default: ndcg@10.</value>
    public IReadOnlyList<string> Metrics { get; init; } = ["ndcg@10"];

    /// <summary>What to do where one falls further.</summary>
    /// <value>Default: refuse.</value>
    public ForgettingPolicy Policy { get; init; } = ForgettingPolicy.Refuse;
}
