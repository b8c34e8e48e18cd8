namespace Workflow.Runs;

/// <summary>Who asks for a run and why.</summary>
/// <param name="Actor">Name of a person or schedule.</param>
/// <param name="Trigger">manual, cron, backfill, api, upstream, resume.</param>
/// <param name="Reason">Free text or null.</param>
/// <param name="RunId">The id it is to have; null makes one.</param>
public sealed record RunRequest(string Actor, string Trigger = "manual", string? Reason = null, string? RunId = null)
{
    /// <summary>The user of this process, on the command line.</summary>
    public static RunRequest FromUser => new(Environment.UserName);

    /// <summary>Schedule that rang, <c>job/name</c>; null where none did.</summary>
    public string? ScheduleKey { get; init; }

    /// <summary>The time the run is for, whenever it starts; null where it is for none. With <see cref="ScheduleKey"/> and <see cref="PartitionKey"/> it makes one run however often it is rung.</summary>
    public DateTimeOffset? Nominal { get; init; }

    /// <summary>End of the time the run is for (the next nominal time); null where unknown.</summary>
    public DateTimeOffset? NominalEnd { get; init; }

    /// <summary>What else distinguishes runs of one nominal time, such as the dataset version that rang; empty where nothing does.</summary>
    public string PartitionKey { get; init; } = "";

    /// <summary>The backfill it belongs to, or null.</summary>
    public string? BackfillId { get; init; }

    /// <summary>Higher goes first; null takes the job's. One step counts as much as having waited one ageing time (ten minutes) longer.</summary>
    public int? Priority { get; init; }

    /// <summary>The run whose results this one starts from, or null.</summary>
    public string? ResumeOf { get; init; }
}
