using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>A schedule as the ledger holds it.</summary>
public sealed record ScheduleRow
{
    internal const string Columns = """
        schedule_key, job, name, file, folder, sets_json, source, cron, dataset, zone, misfire, overlap, jitter_us, start_us, end_us, priority, file_paused,
        paused_us, paused_by, paused_reason, cursor_us, next_us, ring_us, seen_seq, declared_us, withdrawn_us, withdrawn_reason, paused_until_us
        """;

    /// <summary><c>job/name</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>Its name in the job file.</summary>
    public required string Name { get; init; }

    /// <summary>The job file, absolute.</summary>
    public required string File { get; init; }

    /// <summary>Folder that paths in <see cref="Sets"/> start from.</summary>
    public required string Folder { get; init; }

    /// <summary><c>--set</c> arguments it was added with.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Who declared it: serve (a folder it serves) or add (the command).</summary>
    public required string Source { get; init; }

    /// <summary>Cron expression, or null.</summary>
    public string? Cron { get; init; }

    /// <summary>Data set whose versions ring, or null.</summary>
    public string? Dataset { get; init; }

    /// <summary>IANA time zone.</summary>
    public required string Zone { get; init; }

    /// <summary>What becomes of missed fire times.</summary>
    public Misfire Misfire { get; init; }

    /// <summary>What becomes of a fire time while a run has not ended.</summary>
    public Overlap Overlap { get; init; }

    /// <summary>Longest delay of a ring.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>No fire time before.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>No fire time from here on.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Priority of its runs, or null for the job's.</summary>
    public int? Priority { get; init; }

    /// <summary>Why the job file pauses it, or null.</summary>
    public string? FilePaused { get; init; }

    /// <summary>When it was paused by hand, or null.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>When a pause by hand ends by itself; null where it does not.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>Who paused it by hand.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why it was paused by hand.</summary>
    public string? PausedReason { get; init; }

    /// <summary>The nominal time up to which everything is decided.</summary>
    public required DateTimeOffset Cursor { get; init; }

    /// <summary>The next nominal time; null where there is none.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>When that rings.</summary>
    public DateTimeOffset? Ring { get; init; }

    /// <summary>The newest version of the data set that is decided.</summary>
    public long SeenSeq { get; init; }

    /// <summary>When it was first declared.</summary>
    public DateTimeOffset Declared { get; init; }

    /// <summary>When it was withdrawn, or null.</summary>
    public DateTimeOffset? Withdrawn { get; init; }

    /// <summary>Why it was withdrawn.</summary>
    public string? WithdrawnReason { get; init; }

    /// <summary>Why it does not fire now, by hand or by its file; null where it does.</summary>
    public string? Paused => PausedReason ?? FilePaused;

    /// <summary>active, paused, ended (no fire time is left) or withdrawn.</summary>
    public string State => Withdrawn is not null ? "withdrawn" : Paused is not null ? "paused" : Cron is not null && Next is null ? "ended" : "active";

    /// <summary>Its nominal times after an instant, within its start and end; none for a data set's.</summary>
    public IEnumerable<DateTimeOffset> Nominals(DateTimeOffset after)
    {
        if (Cron is null)
        {
            return [];
        }

        var from = Start is { } start && start > after ? start.AddTicks(-1) : after;
        return new FireTimes(CronExpression.Parse(Cron), ZoneClock.Of(Zone)).After(from).TakeWhile(t => End is null || t < End);
    }

    /// <summary>When a nominal time rings: up to <see cref="Jitter"/> later, by an amount that depends on it and on the key alone.</summary>
    public DateTimeOffset RingOf(DateTimeOffset nominal) => nominal + Schedules.Jitter.Of(Key, nominal, Jitter);

    /// <summary>The nominal times after the cursor that have rung by an instant, oldest first: one that has not holds back those after it.</summary>
    public IEnumerable<DateTimeOffset> Due(DateTimeOffset now) => Nominals(Cursor).TakeWhile(t => RingOf(t) <= now);

    internal static ScheduleRow Map(Row r) => new()
    {
        Key = r.Text(0),
        Job = r.Text(1),
        Name = r.Text(2),
        File = r.Text(3),
        Folder = r.Text(4),
        Sets = JsonSerializer.Deserialize<string[]>(r.Text(5))!,
        Source = r.Text(6),
        Cron = r.TextOrNull(7),
        Dataset = r.TextOrNull(8),
        Zone = r.Text(9),
        Misfire = Policies.Misfire(r.Text(10)),
        Overlap = Policies.Overlap(r.Text(11)),
        Jitter = TimeSpan.FromMicroseconds(r.Number(12)),
        Start = r.TimeOrNull(13),
        End = r.TimeOrNull(14),
        Priority = (int?)r.NumberOrNull(15),
        FilePaused = r.TextOrNull(16),
        PausedAt = r.TimeOrNull(17),
        PausedBy = r.TextOrNull(18),
        PausedReason = r.TextOrNull(19),
        Cursor = LedgerTime.FromMicros(r.Number(20)),
        Next = r.TimeOrNull(21),
        Ring = r.TimeOrNull(22),
        SeenSeq = r.Number(23),
        Declared = LedgerTime.FromMicros(r.Number(24)),
        Withdrawn = r.TimeOrNull(25),
        WithdrawnReason = r.TextOrNull(26),
        PausedUntil = r.TimeOrNull(27),
    };
}
