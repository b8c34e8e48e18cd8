using Workflow.Dashboard.StatePages;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.Overview;

/// <summary>Reads for the first page; each stops after a few rows of an index.</summary>
static class OverviewQueries
{
    const int MostRunning = 8;
    const int MostWork = 3;

    /// <summary>What runs now, newest first.</summary>
    public static List<RunningRun> Running(LedgerConnection db, DateTimeOffset now) => db.Query("""
        SELECT r.run_id, r.pipeline, COALESCE(r.started_us, r.created_us), w.pid, w.pid_start, w.boot_id, w.host, w.ended_us FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id
        WHERE r.state='running' ORDER BY r.created_us DESC LIMIT ?1
        """, r => (Run: r.Text(0), Job: r.Text(1), Started: LedgerTime.FromMicros(r.Number(2)), Dead: IsDead(r)), MostRunning).ConvertAll(r => OneRunning(db, r.Run, r.Job, r.Started, r.Dead, now));

    /// <summary>The newest runs.</summary>
    public static List<ShortRun> Newest(LedgerConnection db) => db.Query("""
        SELECT r.run_id, r.pipeline, r.state, r.created_us, r.started_us, r.ended_us, w.pid, w.pid_start, w.boot_id, w.host, w.ended_us FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id
        ORDER BY r.created_us DESC, r.run_id DESC LIMIT 10
        """, r => new ShortRun(r.Text(0), r.Text(1), r.Text(2) == "running" && IsDead(r, 6) ? "interrupted" : r.Text(2), 0, 0, LedgerTime.FromMicros(r.Number(3)), r.TimeOrNull(4), r.TimeOrNull(5)))
        .ConvertAll(r => db.First("SELECT COALESCE(SUM(CASE WHEN state='succeeded' OR state='reused' THEN n END), 0), COALESCE(SUM(n), 0) FROM node_tally WHERE run_id=?1", t => r with { Done = t.Number(0), Nodes = t.Number(1) }, r.Run)!);

    /// <summary>The next fire times of schedules.</summary>
    public static List<NextFire> Fires(LedgerConnection db) => db.Query("""
        SELECT schedule_key, ring_us FROM schedule WHERE withdrawn_us IS NULL AND ring_us IS NOT NULL AND paused_us IS NULL AND file_paused IS NULL ORDER BY ring_us LIMIT 6
        """, r => new NextFire(r.Text(0), LedgerTime.FromMicros(r.Number(1))));

    static RunningRun OneRunning(LedgerConnection db, string run, string job, DateTimeOffset started, bool dead, DateTimeOffset now)
    {
        var tally = db.Query("SELECT stage, kind, state, n FROM node_tally WHERE run_id=?1 AND n>0", r => (Stage: r.Text(0), Kind: r.Text(1), State: r.Text(2), Count: r.Number(3)), run).ToLookup(r => r.Stage, StringComparer.Ordinal);
        var stages = db.Query("SELECT stage FROM node WHERE run_id=?1 AND kind<>'partition' ORDER BY ordinal, node_id", r => r.Text(0), run).ConvertAll(s => (s, State(tally[s])));
        var work = new List<RunningStage>();
        foreach (var stage in tally.Where(s => s.Any(t => t is { Kind: "partition" })))
        {
            var parts = stage.Where(t => t.Kind == "partition").ToList();
            var (done, total) = (parts.Where(t => t.State is "succeeded" or "reused").Sum(t => t.Count), parts.Sum(t => t.Count));
            if (parts.Exists(t => t.State == "running"))
            {
                var began = db.First("SELECT began_us FROM stage_span WHERE run_id=?1 AND stage=?2", r => r.TimeOrNull(0), run, stage.Key) ?? started;
                work.Add(new RunningStage(stage.Key, done, total, "partitions", null, Pace.Left(done, total, 0, now - began)));
            }
        }

        var whole = db.Query("""
            SELECT a.node_id, COALESCE(a.progress_num, 0), COALESCE(a.progress_den, 0), a.progress_unit, a.progress_msg, COALESCE(a.resumed_ckpt, 0), a.started_us
            FROM node n JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=n.epoch WHERE n.run_id=?1 AND n.state='running' AND n.kind<>'partition' ORDER BY n.ordinal LIMIT 20
            """, r => new RunningStage(r.Text(0), r.Number(1), r.Number(2), r.TextOrNull(3), r.TextOrNull(4), Pace.Left(r.Number(1), r.Number(2), r.Number(5), now - LedgerTime.FromMicros(r.Number(6)))), run);
        work.AddRange(whole.Where(w => !work.Exists(k => k.Name == w.Name)));
        return new RunningRun(run, job, started, dead, stages, [.. work.Take(MostWork)], work.Count - Math.Min(work.Count, MostWork));
    }

    // A gathering stage that waits while its partitions run is running.
    static string State(IEnumerable<(string Stage, string Kind, string State, long Count)> tally)
    {
        var own = tally.FirstOrDefault(t => t.Kind != "partition").State ?? "waiting";
        return own is "waiting" or "ready" && tally.Any(t => t is { Kind: "partition", State: "running" or "succeeded" or "retry_wait" }) ? "running" : own;
    }

    static bool IsDead(Row r, int at = 3) => r.NumberOrNull(at) is { } pid && (r.NumberOrNull(at + 4) is not null || ProcessIdentity.IsDead(r.Text(at + 3), pid, r.Number(at + 1), r.Text(at + 2)));
}
