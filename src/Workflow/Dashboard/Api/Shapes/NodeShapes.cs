using System.Text.Json.Nodes;

namespace Workflow.Dashboard.Api.Shapes;

/// <summary>A node of a run: a stage, or one partition of it. Hangfire's users call it a job.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Job">Name of the run's job.</param>
/// <param name="Node">Stage, or <c>stage/key</c>.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Uses">Kind of stage.</param>
/// <param name="Kind">single, partition or gather.</param>
/// <param name="State">waiting, ready, running, retry_wait, succeeded, reused, failed, skipped or cancelled.</param>
/// <param name="Queue">The slot class it needs: cpu or gpu.</param>
/// <param name="Epoch">How often it was claimed.</param>
/// <param name="Tries">Tries spent.</param>
/// <param name="MaxTries">Tries allowed.</param>
/// <param name="Eligible">When its next try may begin; null where it waits for none.</param>
/// <param name="Started">When its last attempt began, or null.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Error">Message of its last attempt, or null.</param>
sealed record NodeItem(string Run, string Job, string Node, string Stage, string Uses, string Kind, string State, string Queue, long Epoch, long Tries, long MaxTries,
    DateTimeOffset? Eligible, DateTimeOffset? Started, DateTimeOffset? Ended, string? Error);

/// <summary>One attempt at a node.</summary>
/// <param name="Attempt">Its id.</param>
/// <param name="Epoch">Its fence.</param>
/// <param name="State">running, committed, failed, lost, fenced, cancelled, timed_out or superseded.</param>
/// <param name="Worker">Who makes it.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Unit">What is counted, or null.</param>
/// <param name="Message">What it is doing, or null.</param>
/// <param name="ResumedStep">Checkpoint step it went on from, or null.</param>
/// <param name="Exit">ok, user, error, crash, timeout, cancelled, lost, stopped, disk_full, fenced or corrupt_input; null while it runs.</param>
/// <param name="Error">Message, or null.</param>
sealed record AttemptItem(string Attempt, long Epoch, string State, string Worker, DateTimeOffset Started, DateTimeOffset? Ended, long Done, long Total, string? Unit, string? Message, long? ResumedStep,
    string? Exit, string? Error);

/// <summary>An artifact in a slot of a node.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Hash">The artifact's id.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Rows">Rows, or null.</param>
/// <param name="Size">Bytes of its files.</param>
sealed record NodeSlot(string Slot, string Hash, string Kind, long? Rows, long Size);

/// <summary>A node with its attempts, what it read and what it published.</summary>
/// <param name="Node">The node.</param>
/// <param name="Attempts">Its newest attempts, newest first; 100 at most.</param>
/// <param name="Inputs">What it read.</param>
/// <param name="Outputs">What it published.</param>
/// <param name="ReusedFrom">The run whose results it took, or null.</param>
sealed record NodeView(NodeItem Node, IReadOnlyList<AttemptItem> Attempts, IReadOnlyList<NodeSlot> Inputs, IReadOnlyList<NodeSlot> Outputs, string? ReusedFrom);

/// <summary>An entry of the history.</summary>
/// <param name="Seq">Its position.</param>
/// <param name="Time">When.</param>
/// <param name="Run">Run, or null.</param>
/// <param name="Node">Node, or null.</param>
/// <param name="Epoch">Attempt, or null.</param>
/// <param name="Type">run.queued, node.claimed, node.committed, ...</param>
/// <param name="Payload">What goes with it, or null.</param>
sealed record EventItem(long Seq, DateTimeOffset Time, string? Run, string? Node, long? Epoch, string Type, JsonNode? Payload);

/// <summary>A metric series.</summary>
/// <param name="Node">Node that writes it.</param>
/// <param name="Key">Its key: <c>train/loss</c>.</param>
/// <param name="Unit">Unit, or null.</param>
/// <param name="LastStep">Its last step; null where it has no point.</param>
/// <param name="Last">Its last value; null where it is no number.</param>
sealed record SeriesItem(string Node, string Key, string? Unit, long? LastStep, double? Last);

/// <summary>A point of a series.</summary>
/// <param name="Step">Step.</param>
/// <param name="Value">Value; null where it is no number.</param>
readonly record struct MetricPoint(long Step, double? Value);

/// <summary>Points of a series.</summary>
/// <param name="Node">Node.</param>
/// <param name="Key">Key.</param>
/// <param name="Unit">Unit, or null.</param>
/// <param name="Thinned">Whether points were left out: one of each stretch of steps is given, first and last always.</param>
/// <param name="Points">By step.</param>
sealed record MetricView(string Node, string Key, string? Unit, bool Thinned, IReadOnlyList<MetricPoint> Points);

/// <summary>What a node published.</summary>
/// <param name="Node">The node.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Hash">The artifact's id.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Rows">Rows, or null.</param>
/// <param name="Size">Bytes of its files.</param>
sealed record NodeOutput(string Node, string Slot, string Hash, string Kind, long? Rows, long Size);
