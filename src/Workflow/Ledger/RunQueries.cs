using System.Text.Json;
using Workflow.Runs;

namespace Workflow.Ledger;

/// <summary>Reads of runs, for the command line and the dashboard. Cheap, never lock.</summary>
public static class RunQueries
{
    internal const string RunColumns = """
        SELECT r.run_id, r.pipeline, r.state, r.trigger_kind, r.requested_by, r.created_us, r.started_us, r.ended_us,
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id AND n.state IN('succeeded','reused')),
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id AND n.state='reused'),
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id), r.error_text,
          w.pid, w.pid_start, w.boot_id, w.host, w.ended_us
        FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id
        """;

    /// <summary>Columns of <see cref="Attempt(Row)"/> from a table aliased <c>t</c>.</summary>
    const string AttemptColumns = """
        t.attempt_id, t.run_id, t.node_id, t.epoch, t.state, t.pid, t.started_us, t.ended_us, t.progress_num, t.progress_den, t.progress_unit, t.progress_msg,
        t.resumed_ckpt, t.exit_kind, t.error_text
        """;

    /// <summary>Runs, newest first.</summary>
    public static IReadOnlyList<RunRow> Runs(this LedgerDb ledger, int limit = 100, int offset = 0) =>
        ledger.Read(db => db.Query($"{RunColumns} ORDER BY r.created_us DESC, r.run_id DESC LIMIT ?1 OFFSET ?2", Run, limit, offset));

    /// <summary>The one run a person means: a full id, a unique beginning or end of one, or <c>last</c>.</summary>
    /// <exception cref="WorkflowException">None or several.</exception>
    public static string ResolveRun(this LedgerDb ledger, string reference)
    {
        var found = ledger.Read(db => reference is "last" or "latest"
            ? db.Query("SELECT run_id FROM run ORDER BY created_us DESC, run_id DESC LIMIT 1", r => r.Text(0))
            : db.Query("SELECT run_id FROM run WHERE run_id=?1 OR substr(run_id,1,length(?1))=?1 OR substr(run_id,-length(?1))=?1 LIMIT 6", r => r.Text(0), reference));
        return found switch
        {
            [var one] => one,
            [] => throw new WorkflowException($"No run '{reference}' in this home. `workflow runs` lists what there is.", exitCode: 2),
            _ when found.Contains(reference) => reference,
            _ => throw new WorkflowException($"'{reference}' names several runs: {string.Join(", ", found.Take(5))}. Give more of the id.", exitCode: 2),
        };
    }

    /// <summary>A run with its nodes, attempts, outputs and checkpoints.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="runId">Full id, see <see cref="ResolveRun"/>.</param>
    public static RunDetail Detail(this LedgerDb ledger, string runId) => ledger.Read(db =>
    {
        var run = db.First($"{RunColumns} WHERE r.run_id=?1", Run, runId) ?? throw new WorkflowException($"No run '{runId}' in this home.", exitCode: 2);
        var attempts = db.Query($"SELECT {AttemptColumns} FROM attempt t WHERE t.run_id=?1 ORDER BY t.epoch", Attempt, runId).ToLookup(a => a.NodeId, StringComparer.Ordinal);
        var nodes = db.Query("""
            SELECT n.node_id, n.stage, n.uses, n.kind, n.state, n.epoch, n.tries, n.infra_losses, n.max_tries, n.memo_result,
              COALESCE((SELECT u.attempt_id FROM node_reuse u WHERE u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'),
                       (SELECT t.attempt_id FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'))
            FROM node n WHERE n.run_id=?1 ORDER BY n.ordinal, n.kind='gather', n.node_id
            """, r => new NodeRow(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Number(5), r.Number(6), r.Number(7), r.Number(8), r.TextOrNull(9), r.TextOrNull(10),
                [.. attempts[r.Text(0)]]), runId);
        var outputs = db.Query("""
            SELECT n.node_id, n.stage, e.slot, a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id)
            FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
            JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out'
            JOIN artifact a ON a.artifact_id=e.artifact_id
            WHERE n.run_id=?1 ORDER BY n.ordinal, n.kind='gather', n.node_id, e.slot
            """, r => new OutputRow(r.Text(0), r.Text(1), r.Text(2), Artifact(r, 3)), runId);
        return new RunDetail(run, db.Text("SELECT job_json FROM run WHERE run_id=?1", runId)!, nodes, outputs, Checkpoints(db, runId));
    });

    /// <summary>Log lines of a run in the order they were written; of one stage or node where given.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="runId">Run.</param>
    /// <param name="node">A node id, or a stage name (its partitions too), or null for all.</param>
    /// <param name="limit">The newest so many lines.</param>
    public static IReadOnlyList<LogLine> Logs(this LedgerDb ledger, string runId, string? node = null, int limit = 10_000) => ledger.Read(db =>
    {
        var lines = db.Query("""
            SELECT t.node_id, t.epoch, l.seq, l.ts_us, l.line FROM attempt t JOIN attempt_log l USING(attempt_id) JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id
            WHERE t.run_id=?1 AND (?2 IS NULL OR n.node_id=?2 OR n.stage=?2) ORDER BY l.ts_us DESC, t.attempt_id DESC, l.seq DESC LIMIT ?3
            """, r => new LogLine(r.Text(0), r.Number(1), r.Number(2), LedgerTime.FromMicros(r.Number(3)), r.Text(4)), runId, node, limit);
        lines.Reverse();
        return lines;
    });

    /// <summary>Metric series of a run with their newest value.</summary>
    public static IReadOnlyList<SeriesRow> Series(this LedgerDb ledger, string runId) => ledger.Read(db => db.Query("""
        SELECT s.series_id, s.node_id, s.key, COUNT(p.step), (SELECT value FROM metric_point q WHERE q.series_id=s.series_id ORDER BY step DESC LIMIT 1)
        FROM metric_series s JOIN metric_point p USING(series_id) WHERE s.run_id=?1 GROUP BY s.series_id ORDER BY s.node_id, s.key
        """, r => new SeriesRow(r.Number(0), r.Text(1), r.Text(2), r.Number(3), r.RealOrNull(4)), runId));

    /// <summary>Points of a series with <c>step</c> above the given one, ascending.</summary>
    public static IReadOnlyList<PointRow> Points(this LedgerDb ledger, long seriesId, long afterStep = -1) => ledger.Read(db => db.Query(
        "SELECT step, value FROM metric_point WHERE series_id=?1 AND step>?2 ORDER BY step", r => new PointRow(r.Number(0), r.RealOrNull(1)), seriesId, afterStep));

    /// <summary>Histograms of a run, by key and step.</summary>
    public static IReadOnlyList<HistogramRow> Histograms(this LedgerDb ledger, string runId) => ledger.Read(db => db.Query("""
        SELECT s.node_id, s.key, h.step, h.low, h.high, h.counts_json FROM metric_series s JOIN histogram h USING(series_id) WHERE s.run_id=?1 ORDER BY s.node_id, s.key, h.step
        """, r => new HistogramRow(r.Text(0), r.Text(1), r.Number(2), r.RealOrNull(3) ?? 0, r.RealOrNull(4) ?? 0, JsonSerializer.Deserialize<List<long>>(r.Text(5)) ?? []), runId));

    /// <summary>History after a sequence number, oldest first; of one run where given.</summary>
    public static IReadOnlyList<EventRow> Events(this LedgerDb ledger, string? runId = null, long afterSeq = 0, int limit = 1000) => ledger.Read(db => db.Query(
        $"SELECT seq, ts_us, run_id, node_id, epoch, type, payload FROM event WHERE seq>?1{(runId is null ? "" : " AND run_id=?2")} ORDER BY seq LIMIT ?3",
        r => new EventRow(r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.TextOrNull(2), r.TextOrNull(3), r.NumberOrNull(4), r.Text(5), r.TextOrNull(6)), afterSeq, runId, limit));

    static List<CheckpointRow> Checkpoints(LedgerConnection db, string runId) => db.Query(
        "SELECT node_id, step, epoch, artifact_id, cursor_json, metric, best, kept, created_us FROM checkpoint WHERE run_id=?1 ORDER BY node_id, step DESC",
        r => new CheckpointRow(r.Text(0), r.Number(1), r.Number(2), r.Text(3), r.Text(4), r.RealOrNull(5), r.Number(6) == 1, r.Number(7) == 1, LedgerTime.FromMicros(r.Number(8))), runId);

    /// <summary>One run, or null.</summary>
    internal static RunRow? One(LedgerConnection db, string runId) => db.First($"{RunColumns} WHERE r.run_id=?1", Run, runId);

    internal static RunRow Run(Row r)
    {
        var state = r.Text(2);
        if (state == "running" && r.NumberOrNull(12) is { } pid && (r.NumberOrNull(16) is not null || ProcessIdentity.IsDead(r.Text(15), pid, r.Number(13), r.Text(14))))
        {
            state = "interrupted";
        }

        return new RunRow(r.Text(0), r.Text(1), state, r.Text(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7),
            (int)r.Number(8), (int)r.Number(9), (int)r.Number(10), r.TextOrNull(11));
    }

    static AttemptRow Attempt(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.Text(4), r.NumberOrNull(5), LedgerTime.FromMicros(r.Number(6)), r.TimeOrNull(7),
        r.NumberOrNull(8) ?? 0, r.NumberOrNull(9) ?? 0, r.TextOrNull(10), r.TextOrNull(11), r.NumberOrNull(12), r.TextOrNull(13), r.TextOrNull(14));

    internal static ArtifactRow Artifact(Row r, int at) => new(r.Text(at), r.Text(at + 1), r.Text(at + 2), r.NumberOrNull(at + 3), r.Number(at + 4), r.Number(at + 5));
}
