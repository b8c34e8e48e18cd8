using Workflow.Ledger;

namespace Workflow.Dashboard.RunPages;

/// <summary>All that a run's page shows.</summary>
/// <param name="Run">The run.</param>
/// <param name="Description">What its job says of itself.</param>
/// <param name="Reason">Why it was asked for, or null.</param>
/// <param name="CancelRequested">When its cancellation was asked for, or null.</param>
/// <param name="Stages">Stages in the job's order.</param>
/// <param name="Edges">From stage to stage.</param>
/// <param name="Outputs">What finished stages published.</param>
public sealed record RunPageModel(RunRow Run, string Description, string? Reason, DateTimeOffset? CancelRequested, IReadOnlyList<StageRow> Stages, IReadOnlyList<(string From, string To)> Edges, IReadOnlyList<OutputRow> Outputs)
{
    /// <summary>The job's seed.</summary>
    public long Seed { get; init; }

    /// <summary>The job's threads.</summary>
    public long Threads { get; init; }

    /// <summary>Its priority.</summary>
    public long Priority { get; init; }

    /// <summary>The run it was started from, or null.</summary>
    public string? ResumeOf { get; init; }

    /// <summary>The schedule that made it, or null.</summary>
    public string? Schedule { get; init; }

    /// <summary>The time it is for, or null.</summary>
    public DateTimeOffset? Nominal { get; init; }

    /// <summary>How its cancellation went, or null where none was asked for.</summary>
    public CancelStory? Cancel { get; init; }

    /// <summary>Nodes that ended in an error or wait after one, a few of each stage.</summary>
    public IReadOnlyList<FailureRow> Failures { get; init; } = [];

    /// <summary>How long each stage took in the last run of the job that succeeded.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Before { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>The run of the same job before this one, or null.</summary>
    public string? Earlier { get; init; }

    /// <summary>Options set otherwise than in that run.</summary>
    public IReadOnlyList<ParameterChange> Changes { get; init; } = [];
}

/// <summary>How a cancellation went.</summary>
/// <param name="Asked">When it was asked for.</param>
/// <param name="By">Who asked, or null where the audit does not say.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Acknowledged">When the first node stopped, or null.</param>
/// <param name="Done">When the run had ended, or null.</param>
public sealed record CancelStory(DateTimeOffset Asked, string? By, string? Reason, DateTimeOffset? Acknowledged, DateTimeOffset? Done);

/// <summary>An error of a node.</summary>
/// <param name="NodeId">Stage, or stage/key.</param>
/// <param name="State">State of the node.</param>
/// <param name="Epoch">The attempt.</param>
/// <param name="Kind">How it ended: user, crash, timeout.</param>
/// <param name="Class">Class of the error, or null.</param>
/// <param name="Type">Type of the exception, or null.</param>
/// <param name="Text">Its whole text.</param>
/// <param name="Ended">When, or null.</param>
public sealed record FailureRow(string NodeId, string State, long Epoch, string Kind, string? Class, string? Type, string Text, DateTimeOffset? Ended);

/// <summary>An option that differs between two runs.</summary>
/// <param name="Stage">Stage.</param>
/// <param name="Path">Its name, with those it stands in: training.batch_size.</param>
/// <param name="Before">Value in the earlier run, or null where it was not there.</param>
/// <param name="Now">Value in this one, or null where it is not there.</param>
public sealed record ParameterChange(string Stage, string Path, string? Before, string? Now);
