using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>
/// Log lines of a run, read backwards from the newest. Attempts are gone through by their ends, newest first, until none that is left can have spoken later than what was found: 100,000 partitions cost what a few cost.
/// </summary>
static class LogPages
{
    const int AtATime = 100;

    // How long before its attempt's start, or after its end, a line may carry a stamp.
    const long Late = 10_000_000;

    /// <summary>The newest lines before a place, oldest first.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="runId">Full id.</param>
    /// <param name="stage">A node, or a stage with its partitions; null for all.</param>
    /// <param name="before">Time, attempt and number of the line behind the last; null for the end.</param>
    /// <param name="limit">Lines at most.</param>
    public static List<(string Attempt, long Seq, LogItem Item)> Newest(LedgerConnection db, string runId, string? stage, (long Time, string Attempt, long Seq)? before, int limit)
    {
        const string chosen = "run_id=?1 AND (?2 IS NULL OR node_id=?2 OR (node_id>?2||'/' AND node_id<?2||'0'))";
        var place = before ?? (long.MaxValue, "", 0);
        var found = new List<(long Time, string Attempt, long Seq, LogItem Item)>();
        Take(db.Query($"SELECT attempt_id, node_id, epoch, 0 FROM attempt INDEXED BY attempt_running WHERE state='running' AND {chosen}", Attempt, runId, stage));
        for (var (last, id) = (long.MaxValue, ""); ;)
        {
            var ended = db.Query($"""
                SELECT attempt_id, node_id, epoch, ended_us FROM attempt INDEXED BY attempt_run_ended
                WHERE {chosen} AND started_us-?7<=?3 AND ended_us IS NOT NULL AND ended_us<=?4 AND (ended_us<?4 OR attempt_id<?5) ORDER BY ended_us DESC, attempt_id DESC LIMIT ?6
                """, Attempt, runId, stage, place.Time, last, id, AtATime, Late);
            Take(ended);
            if (ended.Count < AtATime)
            {
                break;
            }

            (last, id) = (ended[^1].Ended, ended[^1].Id);
            if (found.Count >= limit && found[^1].Time > last + Late)
            {
                break;
            }
        }

        found.Reverse();
        return found.Select(l => (l.Attempt, l.Seq, l.Item)).ToList();

        static (string Id, string Node, long Epoch, long Ended) Attempt(Row r) => (r.Text(0), r.Text(1), r.Number(2), r.Number(3));

        // Newest first, no more than are asked for.
        void Take(List<(string Id, string Node, long Epoch, long Ended)> attempts)
        {
            foreach (var (attempt, node, epoch, _) in attempts)
            {
                found.AddRange(db.Query("SELECT seq, ts_us, line FROM attempt_log WHERE attempt_id=?1 AND (ts_us, ?1, seq)<(?2, ?3, ?4) ORDER BY seq DESC LIMIT ?5",
                    r => (r.Number(1), attempt, r.Number(0), new LogItem(LedgerTime.FromMicros(r.Number(1)), node, epoch, r.Text(2))), attempt, place.Time, place.Attempt, place.Seq, limit));
            }

            found.Sort((a, b) => (b.Time, b.Attempt, b.Seq).CompareTo((a.Time, a.Attempt, a.Seq)));
            if (found.Count > limit)
            {
                found.RemoveRange(limit, found.Count - limit);
            }
        }
    }
}
