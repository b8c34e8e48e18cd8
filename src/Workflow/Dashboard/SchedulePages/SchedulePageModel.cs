using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>A schedule as its page shows it.</summary>
/// <param name="Summary">The schedule.</param>
/// <param name="Words">When it rings, in words.</param>
/// <param name="Next">The next fire times, at most ten.</param>
/// <param name="Runs">Its newest runs.</param>
/// <param name="Lost">Fire times that made no run, newest first.</param>
/// <param name="Backfills">Backfills, newest first, with the runs made and those unfinished.</param>
/// <param name="Acts">What people did to it, newest first.</param>
/// <param name="Fault">Why its newest fire time could not make a run; null where it could.</param>
public sealed record SchedulePageModel(ScheduleSummary Summary, string Words, IReadOnlyList<DateTimeOffset> Next, IReadOnlyList<ScheduleRun> Runs, IReadOnlyList<ScheduleTick> Lost,
    IReadOnlyList<(BackfillRow Backfill, long Made, long Open)> Backfills, IReadOnlyList<ScheduleAct> Acts, string? Fault);

/// <summary>A run of a schedule.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="State">Its state.</param>
/// <param name="Trigger">cron, manual, backfill, upstream.</param>
/// <param name="Nominal">The time it is for, or null.</param>
/// <param name="Version">Version of the data set that rang, or empty.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Started">When it started, or null.</param>
/// <param name="Ended">When it ended, or null.</param>
public sealed record ScheduleRun(string RunId, string State, string Trigger, DateTimeOffset? Nominal, string Version, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended);

/// <summary>What somebody did to a schedule.</summary>
/// <param name="When">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What.</param>
/// <param name="Reason">Why, or null.</param>
public sealed record ScheduleAct(DateTimeOffset When, string Actor, string Action, string? Reason);
