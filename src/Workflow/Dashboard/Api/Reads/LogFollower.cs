using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>
/// New log lines of a run with each look: the newest few first, then what was added since. Lines of one attempt stay in order; those of different ones may interleave.
/// Only attempts that run, or of which the history told since the look before, are asked: a run may have a hundred thousand.
/// </summary>
sealed class LogFollower(LedgerDb ledger, string runId, string? stage, int limit)
{
    const string Chosen = "t.run_id=?1 AND (?2 IS NULL OR t.node_id=?2 OR substr(t.node_id, 1, length(?2)+1)=?2||'/')";

    readonly Dictionary<string, long> told = new(StringComparer.Ordinal);
    readonly HashSet<string> lately = new(StringComparer.Ordinal);
    long seq = -1;

    /// <summary>Whether nothing will be added any more.</summary>
    public bool IsOver => ledger.Read(db => RunQueries.One(db, runId)) is not { } run || RunStates.Ended(run.State) || run.State == "interrupted";

    /// <summary>What came since the last look.</summary>
    public List<LogItem> News() => ledger.Read(db =>
    {
        var before = seq;
        seq = db.Number("SELECT MAX(seq) FROM event WHERE run_id=?1", runId);
        return before < 0 ? First(db) : Next(db, before);
    });

    List<LogItem> First(LedgerConnection db)
    {
        var news = LogPages.Newest(db, runId, stage, null, limit);
        foreach (var (attempt, last, _) in news)
        {
            told[attempt] = last;
        }

        // Of those that run, what was cut off is not told later.
        foreach (var (attempt, last) in db.Query($"SELECT t.attempt_id, (SELECT MAX(seq) FROM attempt_log l WHERE l.attempt_id=t.attempt_id) FROM attempt t INDEXED BY attempt_running WHERE t.state='running' AND {Chosen}",
            r => (r.Text(0), r.NumberOrNull(1) ?? -1), runId, stage))
        {
            told.TryAdd(attempt, last);
        }

        return news.ConvertAll(n => n.Item);
    }

    List<LogItem> Next(LedgerConnection db, long before)
    {
        var attempts = db.Query($"SELECT t.attempt_id, t.node_id, t.epoch FROM attempt t INDEXED BY attempt_running WHERE t.state='running' AND {Chosen}", r => (Id: r.Text(0), Node: r.Text(1), Epoch: r.Number(2)), runId, stage);
        attempts.AddRange(db.Query($"SELECT DISTINCT t.attempt_id, t.node_id, t.epoch FROM event e JOIN attempt t ON t.run_id=e.run_id AND t.node_id=e.node_id AND t.epoch=e.epoch WHERE e.run_id=?1 AND e.seq>?3 AND {Chosen}",
            r => (r.Text(0), r.Text(1), r.Number(2)), runId, stage, before));
        attempts.AddRange(lately.SelectMany(id => db.Query("SELECT attempt_id, node_id, epoch FROM attempt WHERE attempt_id=?1", r => (r.Text(0), r.Text(1), r.Number(2)), id)));
        lately.Clear();
        var news = new List<LogItem>();
        foreach (var (id, node, epoch) in attempts.DistinctBy(a => a.Id).OrderBy(a => a.Id, StringComparer.Ordinal))
        {
            // Once more with the next look: the last lines of an attempt may be written just after its end.
            lately.Add(id);
            foreach (var (at, item) in db.Query("SELECT seq, ts_us, line FROM attempt_log WHERE attempt_id=?1 AND seq>?2 ORDER BY seq LIMIT 5000",
                r => (r.Number(0), new LogItem(LedgerTime.FromMicros(r.Number(1)), node, epoch, r.Text(2))), id, told.GetValueOrDefault(id, -1)))
            {
                told[id] = at;
                news.Add(item);
            }
        }

        return news;
    }
}
