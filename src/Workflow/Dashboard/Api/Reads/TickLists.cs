using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>What became of a schedule's fire times.</summary>
static class TickLists
{
    /// <summary>A page, newest first, with each row's place.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="key">The schedule.</param>
    /// <param name="lost">Only those that made no run.</param>
    /// <param name="before">Only places below this.</param>
    /// <param name="limit">Rows at most.</param>
    public static List<(long Id, TickItem Tick)> Page(LedgerConnection db, string key, bool lost, long before, int limit) => db.Query($"""
        SELECT t.tick_id, t.kind, t.nominal_us, t.until_us, t.count, t.mark, t.outcome, t.run_id, r.state, t.reason FROM schedule_tick t LEFT JOIN run r ON r.run_id=t.run_id
        WHERE t.schedule_key=?1 AND t.tick_id<?2{(lost ? " AND (t.outcome='missed' OR t.outcome='skipped-overlap' OR t.outcome='paused' OR t.outcome='error')" : "")} ORDER BY t.tick_id DESC LIMIT ?3
        """, r => (r.Number(0), new TickItem(r.Text(1), LedgerTime.FromMicros(r.Number(2)), r.TimeOrNull(3), r.Number(4), r.Text(1) == "upstream" && r.Text(5).Length > 0 ? r.Text(5) : null, r.Text(6), r.TextOrNull(7), r.TextOrNull(8), r.TextOrNull(9))),
        key, before, limit);
}
