namespace Workflow.Ledger;

/// <summary>A run as lists show it.</summary>
/// <param name="RunId">UUIDv7.</param>
/// <param name="Job">Name of the pipeline.</param>
/// <param name="State">queued, running, interrupted, succeeded, failed, cancelled, partial. A run whose executor died without a word reads as interrupted.</param>
/// <param name="Trigger">manual, cron, backfill, resume, api, upstream.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Started">When its first stage started, or null.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Done">Nodes succeeded or reused.</param>
/// <param name="Reused">Of these, reused.</param>
/// <param name="Nodes">All nodes.</param>
/// <param name="Error">Why it failed, or null.</param>
public sealed record RunRow(string RunId, string Job, string State, string Trigger, string RequestedBy,
    DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended, int Done, int Reused, int Nodes, string? Error);

/// <summary>A node of a run: a stage, one partition of it (<c>stage/key</c>), or the stage's gathering node.</summary>
/// <param name="NodeId">Stage name, or stage/key.</param>
/// <param name="Stage">Stage name in the job.</param>
/// <param name="Uses">Kind of stage.</param>
/// <param name="Kind">single, partition, gather.</param>
/// <param name="State">waiting, ready, running, retry_wait, succeeded, reused, failed, skipped, cancelled.</param>
/// <param name="Epoch">The fence: number of claims so far.</param>
/// <param name="Tries">Tries spent.</param>
/// <param name="InfraLosses">Attempts lost with their host.</param>
/// <param name="MaxTries">Tries allowed.</param>
/// <param name="MemoResult">hit, miss, or null before it was looked up.</param>
/// <param name="CommittedAttempt">The attempt whose outputs it has (of another run where reused), or null.</param>
/// <param name="Attempts">Its own attempts, oldest first.</param>
public sealed record NodeRow(string NodeId, string Stage, string Uses, string Kind, string State, long Epoch, long Tries, long InfraLosses, long MaxTries,
    string? MemoResult, string? CommittedAttempt, IReadOnlyList<AttemptRow> Attempts);

/// <summary>One attempt at a node.</summary>
/// <param name="AttemptId">UUIDv7.</param>
/// <param name="RunId">Run.</param>
/// <param name="NodeId">Node.</param>
/// <param name="Epoch">Its fence.</param>
/// <param name="State">running, committed, failed, lost, fenced, cancelled, timed_out, superseded.</param>
/// <param name="Pid">Host process.</param>
/// <param name="Started">Start.</param>
/// <param name="Ended">End or null.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Message">What it is doing.</param>
/// <param name="ResumedStep">Checkpoint step it resumed from, or null.</param>
/// <param name="ExitKind">ok, user, error, crash, timeout, cancelled, lost, stopped, disk_full, fenced, corrupt_input.</param>
/// <param name="Error">Message, or null.</param>
public sealed record AttemptRow(string AttemptId, string RunId, string NodeId, long Epoch, string State, long? Pid, DateTimeOffset Started, DateTimeOffset? Ended,
    long Done, long Total, string? Unit, string? Message, long? ResumedStep, string? ExitKind, string? Error);

/// <summary>An artifact as lists show it.</summary>
/// <param name="Id">Hash of its manifest.</param>
/// <param name="Kind">Kind.</param>
/// <param name="LogicalHash">Hash of its content whatever the codec.</param>
/// <param name="Rows">Rows or null.</param>
/// <param name="Size">Bytes of its files.</param>
/// <param name="Files">Number of files.</param>
public sealed record ArtifactRow(string Id, string Kind, string LogicalHash, long? Rows, long Size, long Files);

/// <summary>An output of a node: slot and artifact.</summary>
public sealed record OutputRow(string NodeId, string Stage, string Slot, ArtifactRow Artifact);

/// <summary>A checkpoint the ledger knows.</summary>
public sealed record CheckpointRow(string NodeId, long Step, long Epoch, string ArtifactId, string CursorJson, double? Metric, bool Best, bool Kept, DateTimeOffset Created);

/// <summary>A line of an attempt's log.</summary>
public sealed record LogLine(string NodeId, long Epoch, long Seq, DateTimeOffset Time, string Line);

/// <summary>A metric series of a run.</summary>
public sealed record SeriesRow(long SeriesId, string NodeId, string Key, long Points, double? Last);

/// <summary>A point of a metric series.</summary>
public readonly record struct PointRow(long Step, double? Value);

/// <summary>A histogram at a step: equal-width bins from low to high.</summary>
public sealed record HistogramRow(string NodeId, string Key, long Step, double Low, double High, IReadOnlyList<long> Counts);

/// <summary>An entry of the history.</summary>
public sealed record EventRow(long Seq, DateTimeOffset Time, string? RunId, string? NodeId, long? Epoch, string Type, string? Payload);

/// <summary>All about one run.</summary>
/// <param name="Run">The run.</param>
/// <param name="JobJson">Its job, enough to plan it again.</param>
/// <param name="Nodes">Nodes in declared order, partitions before the node that gathers them.</param>
/// <param name="Outputs">Outputs of every finished node.</param>
/// <param name="Checkpoints">Checkpoints, newest first.</param>
public sealed record RunDetail(RunRow Run, string JobJson, IReadOnlyList<NodeRow> Nodes, IReadOnlyList<OutputRow> Outputs, IReadOnlyList<CheckpointRow> Checkpoints)
{
    /// <summary>Stages in declared order: single and gathering nodes, without the partitions.</summary>
    public IEnumerable<NodeRow> Stages => Nodes.Where(n => n.Kind != "partition");

    /// <summary>Artifact by slot of one stage.</summary>
    public IReadOnlyDictionary<string, ArtifactRow> OutputsOf(string nodeId) =>
        Outputs.Where(o => o.NodeId == nodeId).ToDictionary(o => o.Slot, o => o.Artifact, StringComparer.Ordinal);
}
