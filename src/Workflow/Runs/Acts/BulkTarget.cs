namespace Workflow.Runs.Acts;

/// <summary>One target of a bulk act.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="NodeId">The node; empty where the run itself is meant.</param>
/// <param name="Job">Name of the job.</param>
/// <param name="State">Its state.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Error">What its newest attempt, or the run, said last; null where nothing.</param>
public sealed record BulkTarget(string RunId, string NodeId, string Job, string State, DateTimeOffset? Ended, string? Error);
