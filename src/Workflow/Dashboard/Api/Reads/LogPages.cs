using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Log lines of a run, read backwards from the newest.</summary>
static class LogPages
{
    /// <summary>The newest lines before a place, oldest first.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="runId">Full id.</param>
    /// <param name="stage">A node, or a stage with its partitions; null for all.</param>
    /// <param name="before">Time, attempt and number of the line behind the last; null for the end.</param>
    /// <param name="limit">Lines at most.</param>
    public static List<(string Attempt, long Seq, LogItem Item)> Newest(LedgerConnection db, string runId, string? stage, (long Time, string Attempt, long Seq)? before, int limit)
    {
        var lines = db.Query($"""
            SELECT t.attempt_id, l.seq, l.ts_us, t.node_id, t.epoch, l.line FROM attempt t JOIN attempt_log l USING(attempt_id) JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id
            WHERE t.run_id=?1 AND (?2 IS NULL OR n.node_id=?2 OR n.stage=?2){(before is null ? "" : " AND (l.ts_us, t.attempt_id, l.seq) < (?3, ?4, ?5)")}
            ORDER BY l.ts_us DESC, t.attempt_id DESC, l.seq DESC LIMIT ?6
            """, r => (r.Text(0), r.Number(1), new LogItem(LedgerTime.FromMicros(r.Number(2)), r.Text(3), r.Number(4), r.Text(5))), runId, stage, before?.Time, before?.Attempt, before?.Seq, limit);
        lines.Reverse();
        return lines;
    }
}
