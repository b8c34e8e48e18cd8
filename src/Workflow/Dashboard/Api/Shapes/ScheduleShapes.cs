using System.Text.Json.Serialization;

namespace Workflow.Dashboard.Api.Shapes;

/// <summary>The newest run of a schedule.</summary>
/// <param name="Run">Its id.</param>
/// <param name="State">Its state.</param>
/// <param name="Created">When it was made.</param>
sealed record ScheduleLast(string Run, string? State, DateTimeOffset Created);

/// <summary>A schedule.</summary>
/// <param name="Schedule">Its key, <c>job/name</c>.</param>
/// <param name="Job">Its job.</param>
/// <param name="State">active, paused, ended or withdrawn.</param>
/// <param name="Paused">Why it does not fire now, or null.</param>
/// <param name="Cron">Its cron expression, or null.</param>
/// <param name="Dataset">The data set that rings it, or null.</param>
/// <param name="Zone">Its time zone.</param>
/// <param name="Misfire">skip, once or all.</param>
/// <param name="Overlap">skip, queue-one, cancel-previous or allow.</param>
/// <param name="File">Its job file.</param>
/// <param name="Sets">What replaces values of the job.</param>
/// <param name="Next">Its next nominal time, or null.</param>
/// <param name="Last">Its newest run, or null.</param>
/// <param name="Missed">Fire times that made no run.</param>
/// <param name="Active">Runs that have not ended.</param>
/// <param name="Words">When it rings, in words.</param>
/// <param name="Jitter">How much later it may ring, as a duration; null where not at all.</param>
/// <param name="Priority">Priority of its runs, or null.</param>
/// <param name="PausedBy">Who paused it; null where its job file does, or nobody.</param>
/// <param name="PausedAt">When.</param>
/// <param name="PausedUntil">When that ends by itself, or null.</param>
sealed record ScheduleItem(string Schedule, string Job, string State, string? Paused, string? Cron, string? Dataset, string Zone, string Misfire, string Overlap, string File, IReadOnlyList<string> Sets,
    DateTimeOffset? Next, ScheduleLast? Last, long Missed, long Active, string Words, string? Jitter, int? Priority, string? PausedBy, DateTimeOffset? PausedAt, DateTimeOffset? PausedUntil)
{
    /// <summary>How many fire times ended in each outcome; only where one schedule is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? Outcomes { get; init; }

    /// <summary>What became of its newest fire times; only where one schedule is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TickItem>? Ticks { get; init; }

    /// <summary>Its newest backfills; only where one schedule is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BackfillItem>? Backfills { get; init; }
}

/// <summary>What became of one fire time, or of several folded into one row.</summary>
/// <param name="Kind">cron, upstream, manual or backfill.</param>
/// <param name="Nominal">The nominal time, or the first of them.</param>
/// <param name="Until">The last of them; null where it is one.</param>
/// <param name="Count">How many.</param>
/// <param name="Version">Version of a data set, or null.</param>
/// <param name="Outcome">fired, queued, missed, skipped-overlap, paused, exists or error.</param>
/// <param name="Run">Its run, or null.</param>
/// <param name="State">State of its run, or null.</param>
/// <param name="Reason">Why, or null.</param>
sealed record TickItem(string Kind, DateTimeOffset Nominal, DateTimeOffset? Until, long Count, string? Version, string Outcome, string? Run, string? State, string? Reason);

/// <summary>One run per nominal time of a range.</summary>
/// <param name="Backfill">Its id.</param>
/// <param name="Schedule">The schedule's key.</param>
/// <param name="From">First instant.</param>
/// <param name="To">First instant after it.</param>
/// <param name="Parallel">Runs that may be unfinished at a time.</param>
/// <param name="Total">Nominal times.</param>
/// <param name="Made">Runs made.</param>
/// <param name="Unfinished">Of these, unfinished.</param>
/// <param name="Handled">Whether every nominal time was handled.</param>
sealed record BackfillItem(string Backfill, string Schedule, DateTimeOffset From, DateTimeOffset To, int Parallel, long Total, long Made, long Unfinished, bool Handled);

/// <summary>A fire time to come.</summary>
/// <param name="Nominal">The nominal time.</param>
/// <param name="Local">By the clock of the schedule's zone.</param>
/// <param name="Ring">When it rings.</param>
sealed record NextFire(DateTimeOffset Nominal, string Local, DateTimeOffset Ring);

/// <summary>A nominal time of a backfill that was only asked about.</summary>
/// <param name="Nominal">The nominal time.</param>
/// <param name="Run">The run it has already, or null.</param>
sealed record BackfillTime(DateTimeOffset Nominal, string? Run);
