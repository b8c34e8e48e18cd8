using Workflow.Schedules;

namespace Workflow.Jobs;

/// <summary>A checked schedule of a job file: when the job runs by itself.</summary>
public sealed record ScheduleSpec
{
    /// <summary>Its name in the job file.</summary>
    public required string Name { get; init; }

    /// <summary>Cron expression of five fields; null where a data set rings.</summary>
    public string? Cron { get; init; }

    /// <summary>Data set whose new versions ring; null where a cron expression does.</summary>
    public string? Dataset { get; init; }

    /// <summary>IANA time zone of <see cref="Cron"/>.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>What becomes of missed fire times; default once, of a data set all.</summary>
    public Misfire Misfire { get; init; } = Misfire.Once;

    /// <summary>What becomes of a fire time while a run of this schedule has not ended.</summary>
    public Overlap Overlap { get; init; } = Overlap.Skip;

    /// <summary>Each fire time is rung up to so much later, by an amount that depends on it and on the schedule alone.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>No fire time before; null is none.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>No fire time from here on; null is none.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Why it is paused; null where it is not.</summary>
    public string? Paused { get; init; }

    /// <summary>Priority of its runs; null takes the job's.</summary>
    public int? Priority { get; init; }
}
