using Workflow.Ledger;

namespace Workflow.Dashboard.RunPages;

/// <summary>An artifact read or published by a node.</summary>
public sealed record SlotRow(string Slot, string ArtifactId, string Kind, long? Rows, long Size);

/// <summary>A partition of a stage.</summary>
public sealed record PartitionRow(string NodeId, string State, long Tries, DateTimeOffset? Ended);

/// <summary>A node that this one waits for, or that waits for it.</summary>
public sealed record NeighbourRow(string NodeId, string State);

/// <summary>A state that a node was in.</summary>
/// <param name="State">waiting, ready, running, retry_wait, succeeded, reused, failed, cancelled, skipped, lost, fenced.</param>
/// <param name="At">Since when.</param>
/// <param name="Lasted">For how long; null while it lasts.</param>
/// <param name="Facts">What is to be said of it: worker, latency, duration, retry at.</param>
public sealed record StateCard(string State, DateTimeOffset At, TimeSpan? Lasted, IReadOnlyList<(string Name, string Value)> Facts)
{
    /// <summary>Why, in a sentence; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Type of the exception, or null.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Its whole message, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The attempt, or null.</summary>
    public long? Epoch { get; init; }
}

/// <summary>Something that a person should know before anything else.</summary>
/// <param name="Look">bad or warn.</param>
/// <param name="Text">In words.</param>
public sealed record NodeAlert(string Look, string Text);

/// <summary>All that the page of a stage or partition shows.</summary>
public sealed record NodePageModel(RunRow Run, string NodeId, string Stage, string Uses, string Kind, string State, long Epoch, long Tries, long InfraLosses, long MaxTries,
    string? MemoKey, string? KeyJson, string? MemoResult, string? WhyJson, IReadOnlyList<AttemptRow> Attempts, IReadOnlyList<CheckpointRow> Checkpoints,
    IReadOnlyList<SlotRow> Inputs, IReadOnlyList<SlotRow> Outputs, string? ReusedFromRun)
{
    /// <summary>cpu or gpu.</summary>
    public string Queue { get; init; } = "cpu";

    /// <summary>Limit of an attempt, or null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When its next try may start, where it waits for one.</summary>
    public DateTimeOffset? Eligible { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The job's seed.</summary>
    public long Seed { get; init; }

    /// <summary>The job's threads.</summary>
    public long Threads { get; init; }

    /// <summary>The stage as the job declares it.</summary>
    public CallSnippet Call { get; init; } = new("", "");

    /// <summary>Partitions by state; empty where it is not split.</summary>
    public IReadOnlyDictionary<string, long> PartitionStates { get; init; } = new Dictionary<string, long>();

    /// <summary>Partitions as tiles, troubled ones first.</summary>
    public IReadOnlyList<PartitionRow> Tiles { get; init; } = [];

    /// <summary>What it waits for, or waited.</summary>
    public IReadOnlyList<NeighbourRow> Upstream { get; init; } = [];

    /// <summary>What waits for it.</summary>
    public IReadOnlyList<NeighbourRow> Downstream { get; init; } = [];

    /// <summary>States it was in, newest first.</summary>
    public IReadOnlyList<StateCard> History { get; init; } = [];

    /// <summary>What to know first.</summary>
    public IReadOnlyList<NodeAlert> Alerts { get; init; } = [];

    /// <summary>Options set otherwise than in the run of the job before.</summary>
    public IReadOnlyList<ParameterChange> Changes { get; init; } = [];

    /// <summary>That run, or null.</summary>
    public string? Earlier { get; init; }

    /// <summary>Partitions in all.</summary>
    public long Partitions => PartitionStates.Values.Sum();
}
