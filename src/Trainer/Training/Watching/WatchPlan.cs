namespace Trainer.Training.Watching;

/// <summary>What is known of a phase before it runs.</summary>
public sealed record WatchPlan
{
    /// <summary>Optimizer steps done when the phase starts.</summary>
    public long FirstStep { get; init; }

    /// <summary>Optimizer steps done when it ends.</summary>
    public required long LastStep { get; init; }

    /// <summary>Optimizer steps done when its warm-up ends, counted as <see cref="FirstStep"/> is; null without a warm-up.</summary>
    public long? WarmupEnd { get; init; }

    /// <summary>Steps between evaluations; 0 for one at the end.</summary>
    public long EvaluateEvery { get; init; }

    /// <summary>Training rows by the generator of their pair; empty where not known.</summary>
    public IReadOnlyDictionary<string, long> RowsByGenerator { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Names of the collections that are searched with queries.</summary>
    public IReadOnlyList<string> QueryCollections { get; init; } = [];
}
