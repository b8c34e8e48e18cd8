using Workflow.Ledger;
using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>Reads for the pages of schedules.</summary>
static class SchedulePageQueries
{
    /// <summary>A part of the list, by key, and the key that the next part goes on behind; null at the end.</summary>
    public static (List<ScheduleLine> Rows, string? Next) Page(LedgerConnection db, ScheduleFilter filter)
    {
        var size = filter.Paging.Size;
        var state = filter.State switch
        {
            "withdrawn" => "withdrawn_us IS NOT NULL",
            "paused" => "withdrawn_us IS NULL AND (paused_reason IS NOT NULL OR file_paused IS NOT NULL)",
            "ended" => "withdrawn_us IS NULL AND paused_reason IS NULL AND file_paused IS NULL AND cron IS NOT NULL AND next_us IS NULL",
            "active" => "withdrawn_us IS NULL AND paused_reason IS NULL AND file_paused IS NULL AND (cron IS NULL OR next_us IS NOT NULL)",
            _ => "withdrawn_us IS NULL",
        };
        var text = filter.Text.Length == 0 ? "" : """
             AND (instr(lower(schedule_key), lower(?3))>0 OR instr(lower(COALESCE(cron, dataset)), lower(?3))>0 OR instr(lower(zone), lower(?3))>0 OR instr(lower(file), lower(?3))>0
               OR instr(lower(COALESCE(paused_reason, file_paused, '')), lower(?3))>0)
            """;
        var rows = db.Query($"SELECT {ScheduleRow.Columns} FROM schedule WHERE schedule_key>?1 AND {state}{text} ORDER BY schedule_key LIMIT ?2", ScheduleRow.Map, filter.Paging.After ?? "", size + 1, filter.Text);
        var shown = rows.Take(size).Select(r => new ScheduleLine(ScheduleQueries.Summary(db, r), Fault(db, r.Key))).ToList();
        return (shown, rows.Count > size ? shown[^1].Summary.Row.Key : null);
    }

    /// <summary>How many schedules there are that were not withdrawn.</summary>
    public static long Count(LedgerConnection db) => db.Number("SELECT COUNT(*) FROM schedule WHERE withdrawn_us IS NULL");

    /// <summary>One schedule, or null.</summary>
    public static SchedulePageModel? Schedule(LedgerConnection db, string key, DateTimeOffset now)
    {
        if (ScheduleRows.Find(db, key) is not { } row)
        {
            return null;
        }

        var runs = db.Query("""
            SELECT run_id, state, trigger_kind, nominal_start_us, partition_key, created_us, started_us, ended_us FROM run WHERE schedule_key=?1 AND schedule_key IS NOT NULL ORDER BY created_us DESC, run_id DESC LIMIT 20
            """, r => new ScheduleRun(r.Text(0), r.Text(1), r.Text(2), r.TimeOrNull(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7)), key);
        var next = row.Withdrawn is null ? row.Nominals(row.Cursor > now ? row.Cursor : now).Take(10).ToList() : [];
        var acts = db.Query("SELECT ts_us, actor, action, reason FROM audit WHERE target=?1 ORDER BY seq DESC LIMIT 10",
            r => new ScheduleAct(LedgerTime.FromMicros(r.Number(0)), r.Text(1), r.Text(2), r.TextOrNull(3)), key);
        return new SchedulePageModel(ScheduleQueries.Summary(db, row), ScheduleQueries.Words(row), next, runs, ScheduleQueries.Ticks(db, key, lost: true, 50), ScheduleQueries.Backfills(db, key), acts, Fault(db, key));
    }

    static string? Fault(LedgerConnection db, string key) =>
        db.First("SELECT outcome, reason FROM schedule_tick WHERE schedule_key=?1 ORDER BY tick_id DESC LIMIT 1", r => (Outcome: r.Text(0), Reason: r.TextOrNull(1)), key) is ("error", var reason) ? reason ?? "" : null;
}
