using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>What became of one nominal time, or of several folded into one row.</summary>
/// <param name="Kind">cron, upstream, manual, backfill.</param>
/// <param name="Nominal">The nominal time, or the first of them.</param>
/// <param name="Until">The last of them; null where it is one.</param>
/// <param name="Count">How many.</param>
/// <param name="Mark">Version of a data set, or empty.</param>
/// <param name="Outcome">fired, queued, missed, skipped-overlap, paused, exists, error.</param>
/// <param name="RunId">Its run, or null.</param>
/// <param name="RunState">State of its run, or null.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Decided">When it was decided.</param>
public sealed record ScheduleTick(string Kind, DateTimeOffset Nominal, DateTimeOffset? Until, long Count, string Mark, string Outcome, string? RunId, string? RunState, string? Reason, DateTimeOffset Decided);

/// <summary>A schedule with how it fared.</summary>
/// <param name="Row">The schedule.</param>
/// <param name="Last">Its newest run by whatever trigger, or null.</param>
/// <param name="LastState">That run's state.</param>
/// <param name="LastStarted">When it was made.</param>
/// <param name="Missed">Fire times that made no run: missed, skipped, paused, in error.</param>
/// <param name="Active">Runs that have not ended.</param>
public sealed record ScheduleSummary(ScheduleRow Row, string? Last, string? LastState, DateTimeOffset? LastStarted, long Missed, long Active);

/// <summary>Reads of schedules for the command line and the dashboard.</summary>
public static class ScheduleQueries
{
    /// <summary>Outcomes of fire times that made no run.</summary>
    const string Lost = "('missed','skipped-overlap','paused','error')";

    /// <summary>Every schedule by key.</summary>
    public static List<ScheduleSummary> Schedules(LedgerConnection db, bool withdrawn) => ScheduleRows.All(db, withdrawn).ConvertAll(row => Summary(db, row));

    /// <summary>How a schedule fared; read from indexes and tallies, whatever its history.</summary>
    public static ScheduleSummary Summary(LedgerConnection db, ScheduleRow row)
    {
        var (id, state, created) = db.First("SELECT run_id, state, created_us FROM run WHERE schedule_key=?1 AND schedule_key IS NOT NULL ORDER BY created_us DESC LIMIT 1",
            r => (r.Text(0), r.Text(1), r.TimeOrNull(2)), row.Key);
        return new ScheduleSummary(row, id, state, created, db.Number($"SELECT SUM(n) FROM tick_tally WHERE schedule_key=?1 AND outcome IN{Lost}", row.Key),
            db.Number("SELECT COUNT(*) FROM run WHERE schedule_key=?1 AND schedule_key IS NOT NULL AND state IN('queued','running','interrupted')", row.Key));
    }

    /// <summary>The newest ticks of a schedule, newest first.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="key">The schedule.</param>
    /// <param name="lost">Whether only those that made no run.</param>
    /// <param name="limit">So many at most.</param>
    public static List<ScheduleTick> Ticks(LedgerConnection db, string key, bool lost, int limit) => db.Query($"""
        SELECT t.kind, t.nominal_us, t.until_us, t.count, t.mark, t.outcome, t.run_id, r.state, t.reason, t.decided_us FROM schedule_tick t LEFT JOIN run r ON r.run_id=t.run_id
        WHERE t.schedule_key=?1 {(lost ? " AND (t.outcome='missed' OR t.outcome='skipped-overlap' OR t.outcome='paused' OR t.outcome='error')" : "")} ORDER BY t.tick_id DESC LIMIT ?2
        """, r => new ScheduleTick(r.Text(0), LedgerTime.FromMicros(r.Number(1)), r.TimeOrNull(2), r.Number(3), r.Text(0) == "upstream" ? r.Text(4) : "", r.Text(5), r.TextOrNull(6), r.TextOrNull(7), r.TextOrNull(8),
            LedgerTime.FromMicros(r.Number(9))), key, limit);

    /// <summary>How many fire times ended in each outcome.</summary>
    public static List<(string Outcome, long Count)> Outcomes(LedgerConnection db, string key) =>
        db.Query("SELECT outcome, n FROM tick_tally WHERE schedule_key=?1 AND n>0 ORDER BY outcome", r => (r.Text(0), r.Number(1)), key);

    /// <summary>Backfills of a schedule, newest first, each with its runs that have not ended.</summary>
    public static List<(BackfillRow Backfill, long Made, long Open)> Backfills(LedgerConnection db, string key) => db.Query(
        $"SELECT {BackfillRow.Columns} FROM backfill WHERE schedule_key=?1 ORDER BY created_us DESC, backfill_id DESC LIMIT 20", BackfillRow.Map, key).ConvertAll(b =>
        (b, db.Number("SELECT COUNT(*) FROM run WHERE backfill_id=?1", b.Id), db.Number("SELECT COUNT(*) FROM run WHERE backfill_id=?1 AND state IN('queued','running','interrupted')", b.Id)));

    /// <summary>When it rings, in plain words.</summary>
    public static string Words(ScheduleRow row) => row.Cron is { } cron ? CronWords.Of(CronExpression.Parse(cron)) : $"when {row.Dataset} has a new version";
}
