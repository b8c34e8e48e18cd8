using Workflow.Ledger;

namespace Workflow.Dashboard.RunPages;

/// <summary>What of a run's log is shown.</summary>
/// <param name="Stage">Of this stage only; empty for all.</param>
/// <param name="Text">Lines with this text only; empty for all.</param>
/// <param name="Follow">Whether new lines appear by themselves.</param>
public sealed record LogFilter(string Stage = "", string Text = "", bool Follow = true);

/// <summary>Reads the logs of a run's attempts as one. Only the newest lines of the attempts that spoke last are looked at, so that 100,000 partitions cost what 60 do.</summary>
static class RunLogQueries
{
    /// <summary>Lines shown.</summary>
    public const int Tail = 300;

    const int MostAttempts = 30;
    const int LinesSearched = 5_000;

    /// <summary>The newest lines by time, oldest first.</summary>
    public static List<LogLine> Newest(LedgerConnection db, string run, LogFilter filter)
    {
        var lines = new List<LogLine>();
        foreach (var (attempt, node, epoch) in Attempts(db, run, filter.Stage))
        {
            lines.AddRange(filter.Text.Length == 0
                ? db.Query("SELECT seq, ts_us, line FROM attempt_log WHERE attempt_id=?1 ORDER BY seq DESC LIMIT ?2", Line, attempt, Tail)
                : db.Query("SELECT seq, ts_us, line FROM (SELECT seq, ts_us, line FROM attempt_log WHERE attempt_id=?1 ORDER BY seq DESC LIMIT ?3) WHERE instr(lower(line), ?4)>0 LIMIT ?2", Line, attempt, Tail, LinesSearched, filter.Text.ToLowerInvariant()));

            LogLine Line(Row r) => new(node, epoch, r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.Text(2));
        }

        return lines.OrderBy(l => l.Time).ThenBy(l => l.NodeId, StringComparer.Ordinal).ThenBy(l => l.Epoch).ThenBy(l => l.Seq).TakeLast(Tail).ToList();
    }

    /// <summary>Attempts of a run in the order they began, some at a time; nulls begin with the first.</summary>
    public static List<(string Attempt, string Node, long Epoch, long Started)> InOrder(LedgerConnection db, string run, (long Started, string Attempt)? after, int most) => db.Query("""
        SELECT attempt_id, node_id, epoch, started_us FROM attempt WHERE run_id=?1 AND (started_us, attempt_id)>(?2, ?3) ORDER BY started_us, attempt_id LIMIT ?4
        """, r => (r.Text(0), r.Text(1), r.Number(2), r.Number(3)), run, after?.Started ?? -1, after?.Attempt ?? "", most);

    /// <summary>Lines of an attempt after a number, some at a time.</summary>
    public static List<LogLine> Lines(LedgerConnection db, string attempt, string node, long epoch, long after, int most) => db.Query(
        "SELECT seq, ts_us, line FROM attempt_log WHERE attempt_id=?1 AND seq>?2 ORDER BY seq LIMIT ?3", r => new LogLine(node, epoch, r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.Text(2)), attempt, after, most);

    static IEnumerable<(string Attempt, string Node, long Epoch)> Attempts(LedgerConnection db, string run, string stage)
    {
        var running = db.Query("""
            SELECT t.attempt_id, t.node_id, t.epoch FROM (SELECT node_id, epoch, stage FROM node INDEXED BY node_running WHERE run_id=?1 AND state='running' LIMIT 200) n JOIN attempt t ON t.run_id=?1 AND t.node_id=n.node_id AND t.epoch=n.epoch
            WHERE ?2='' OR n.stage=?2 LIMIT ?3
            """, Attempt, run, stage, MostAttempts);
        var newest = stage.Length == 0
            ? db.Query("SELECT attempt_id, node_id, epoch FROM attempt WHERE run_id=?1 ORDER BY started_us DESC, attempt_id DESC LIMIT ?2", Attempt, run, MostAttempts)
            : [.. db.Query("SELECT attempt_id, node_id, epoch FROM attempt WHERE run_id=?1 AND node_id=?2 ORDER BY epoch DESC LIMIT ?3", Attempt, run, stage, MostAttempts),
                .. db.Query("SELECT attempt_id, node_id, epoch FROM attempt WHERE run_id=?1 AND node_id>?2 AND node_id<?3 ORDER BY node_id DESC, epoch DESC LIMIT ?4", Attempt, run, stage + "/", stage + "0", MostAttempts)];
        return running.Concat(newest).DistinctBy(a => a.Item1);

        static (string, string, long) Attempt(Row r) => (r.Text(0), r.Text(1), r.Number(2));
    }
}
