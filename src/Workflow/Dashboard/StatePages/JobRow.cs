namespace Workflow.Dashboard.StatePages;

/// <summary>A row of a list of jobs.</summary>
public sealed record JobRow
{
    /// <summary>Its place in the ledger.</summary>
    public required long Id { get; init; }

    /// <summary>Its run.</summary>
    public required string Run { get; init; }

    /// <summary>Stage, or <c>stage/key</c>.</summary>
    public required string Node { get; init; }

    /// <summary>What the stage uses.</summary>
    public required string Uses { get; init; }

    /// <summary>single, partition, gather.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>Its state, as the ledger names it.</summary>
    public required string State { get; init; }

    /// <summary>Slot class.</summary>
    public required string Queue { get; init; }

    /// <summary>When its run was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Tries spent, and how many there are.</summary>
    public (long Spent, long Most) Tries { get; init; }

    /// <summary>Nodes it reads from that are not done.</summary>
    public long Waits { get; init; }

    /// <summary>Since when all that it reads was there; null where that was not asked for.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? Eligible { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The attempt that counts: the one that committed, else the newest; null where there is none, as where it was reused.</summary>
    public JobAttempt? Attempt { get; init; }

    /// <summary>The first of the nodes it waits for, each with its state.</summary>
    public IReadOnlyList<(string Node, string State)> Parents { get; init; } = [];

    /// <summary>Who deleted it, and why; or null.</summary>
    public string? Why { get; init; }

    /// <summary>How a tick box names it.</summary>
    public string Ticket => $"{Run}|{Node}";

    /// <summary>Time from when it could have started to the start of the attempt that counts.</summary>
    public TimeSpan? Latency => Since is { } since && Attempt is { } attempt ? Positive(attempt.Started - since) : null;

    /// <summary>Time that attempt took.</summary>
    public TimeSpan? Took => Attempt is { Ended: { } ended } attempt ? Positive(ended - attempt.Started) : null;

    static TimeSpan Positive(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}

/// <summary>An attempt, as a list shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Epoch">Which of its node's attempts.</param>
/// <param name="Started">Its start.</param>
/// <param name="Ended">Its end, or null.</param>
/// <param name="Seen">Its last heartbeat, or null.</param>
/// <param name="Worker">Who runs it.</param>
/// <param name="Dead">Whether that process is proven dead.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Resumed">Units that were done when it started.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Message">What it does.</param>
/// <param name="ErrorType">Type of its error, or null.</param>
/// <param name="ErrorKind">How it ended: ok, user, transient, crash, ...; null while it runs.</param>
/// <param name="Error">What it said, cut; null where nothing.</param>
public sealed record JobAttempt(string Id, long Epoch, DateTimeOffset Started, DateTimeOffset? Ended, DateTimeOffset? Seen, string Worker, bool Dead, long Done, long Total, long Resumed, string? Unit, string? Message,
    string? ErrorType, string? ErrorKind, string? Error)
{
    /// <summary>A heartbeat older than this makes a server suspect.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromMinutes(1);

    /// <summary>Whether it looks as if whoever runs it is gone.</summary>
    public bool LooksAborted(DateTimeOffset now) => Dead || now - (Seen ?? Started) > Stale;

    /// <summary>Time left at the pace so far; null where that cannot be told.</summary>
    public TimeSpan? Left(DateTimeOffset now) => Pace.Left(Done, Total, Resumed, now - Started);
}
