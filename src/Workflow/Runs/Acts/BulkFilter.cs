namespace Workflow.Runs.Acts;

/// <summary>What a bulk act is about. A field that is empty does not filter; all that are set must fit.</summary>
public sealed record BulkFilter
{
    /// <summary><c>node</c> or <c>run</c>.</summary>
    public string Kind { get; init; } = "node";

    /// <summary>Ticked rows: run ids, or <c>RUN/NODE</c>. Where there are any, nothing else filters.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>States, as the ledger names them; any of them fits.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Nodes: slot class.</summary>
    public string Queue { get; init; } = "";

    /// <summary>Name of the job.</summary>
    public string Job { get; init; } = "";

    /// <summary>Nodes: name of the stage.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Nodes: full id of their run.</summary>
    public string Run { get; init; } = "";

    /// <summary>A part of the error: of a node's newest attempt, or of the run. Case does not count.</summary>
    public string Error { get; init; } = "";

    /// <summary>Runs: a part of the job's name, the run's id, or who asked for it. Case does not count.</summary>
    public string Text { get; init; } = "";

    /// <summary>Older than this: since it ended, or since its run was made where it has not.</summary>
    public TimeSpan? OlderThan { get; init; }
}
