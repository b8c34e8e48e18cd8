using Workflow.Ledger;
using Workflow.Schedules;

namespace Workflow.Dashboard.Queries;

/// <summary>A schedule as its page shows it.</summary>
/// <param name="Summary">The schedule.</param>
/// <param name="Words">When it rings, in words.</param>
/// <param name="Next">The next fire times, at most ten.</param>
/// <param name="Runs">Its newest runs.</param>
/// <param name="Lost">Fire times that made no run, newest first.</param>
/// <param name="Backfills">Backfills, newest first, with the runs made and those unfinished.</param>
public sealed record SchedulePageModel(ScheduleSummary Summary, string Words, IReadOnlyList<DateTimeOffset> Next, IReadOnlyList<ScheduleRun> Runs, IReadOnlyList<ScheduleTick> Lost,
    IReadOnlyList<(BackfillRow Backfill, long Made, long Open)> Backfills);

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

/// <summary>Reads for the page of a schedule.</summary>
static class SchedulePageQueries
{
    /// <summary>One schedule, or null.</summary>
    public static SchedulePageModel? Schedule(LedgerConnection db, string key, DateTimeOffset now)
    {
        if (ScheduleQueries.Schedules(db, withdrawn: true).Find(s => s.Row.Key == key) is not { } summary)
        {
            return null;
        }

        var row = summary.Row;
        var runs = db.Query("""
            SELECT run_id, state, trigger_kind, nominal_start_us, partition_key, created_us, started_us, ended_us FROM run WHERE schedule_key=?1 AND schedule_key IS NOT NULL ORDER BY created_us DESC, run_id DESC LIMIT 20
            """, r => new ScheduleRun(r.Text(0), r.Text(1), r.Text(2), r.TimeOrNull(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7)), key);
        var next = row.Withdrawn is null ? row.Nominals(row.Cursor > now ? row.Cursor : now).Take(10).ToList() : [];
        return new SchedulePageModel(summary, ScheduleQueries.Words(row), next, runs, ScheduleQueries.Ticks(db, key, lost: true, 50), ScheduleQueries.Backfills(db, key));
    }
}
