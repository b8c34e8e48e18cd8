using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.RunPages;

/// <summary>Reads for the page of a stage or partition; each is bounded, whatever the number of partitions.</summary>
static class NodePageQueries
{
    const int MostTiles = 160;
    const int MostNeighbours = 24;
    static readonly TimeSpan Stale = TimeSpan.FromMinutes(1);
    static readonly string[] Troubled = ["failed", "retry_wait", "running", "ready", "cancelled", "skipped", "waiting", "reused", "succeeded"];

    /// <summary>The node, or null.</summary>
    public static NodePageModel? Node(LedgerConnection db, string runId, string nodeId, DateTimeOffset now)
    {
        if (RunPageQueries.Head(db, runId) is not { } head || Row(db, head, nodeId) is not { } node)
        {
            return null;
        }

        var earlier = ParameterQueries.Earlier(db, runId);
        node = node with
        {
            Call = CallSnippet.Of(db.Text("SELECT job_json FROM run WHERE run_id=?1", runId) ?? "{}", node.Stage),
            PartitionStates = node.Kind == "gather"
                ? db.Query("SELECT state, n FROM node_tally WHERE run_id=?1 AND stage=?2 AND kind='partition' AND n>0", r => (r.Text(0), r.Number(1)), runId, node.Stage).ToDictionary(StringComparer.Ordinal) : node.PartitionStates,
            Upstream = db.Query("""
                SELECT u.node_id, u.state FROM (SELECT * FROM (SELECT upstream_id FROM node_dep WHERE run_id=?1 AND node_id=?2 AND upstream_id<?4||'/' LIMIT ?3)
                  UNION ALL SELECT * FROM (SELECT upstream_id FROM node_dep WHERE run_id=?1 AND node_id=?2 AND upstream_id>=?4||'0' LIMIT ?3)) d JOIN node u ON u.run_id=?1 AND u.node_id=d.upstream_id
                """, r => new NeighbourRow(r.Text(0), r.Text(1)), runId, nodeId, MostNeighbours, node.Stage),
            Downstream = db.Query("""
                SELECT n.node_id, n.state FROM (SELECT node_id FROM node_dep INDEXED BY node_dep_up WHERE run_id=?1 AND upstream_id=?2 LIMIT ?3) d JOIN node n ON n.run_id=?1 AND n.node_id=d.node_id
                """, r => new NeighbourRow(r.Text(0), r.Text(1)), runId, nodeId, MostNeighbours),
            Earlier = earlier,
            Changes = earlier is null || node.Kind == "partition" ? [] : [.. ParameterQueries.Differences(node.Stage, Options(db, earlier, node.Stage), Options(db, runId, node.Stage))],
        };
        node = node with { Tiles = node.Partitions > 0 ? Tiles(db, node) : [], Alerts = Alerts(db, node, now) };
        return node with { History = StateHistory.Read(db, node) };
    }

    /// <summary>The newest log lines of an attempt, oldest first.</summary>
    public static List<(DateTimeOffset Time, string Line)> Log(LedgerConnection db, string attempt, int most = 200)
    {
        var lines = db.Query("SELECT ts_us, line FROM attempt_log WHERE attempt_id=?1 ORDER BY seq DESC LIMIT ?2", r => (LedgerTime.FromMicros(r.Number(0)), r.Text(1)), attempt, most);
        lines.Reverse();
        return lines;
    }

    /// <summary>A page of a stage's partitions by name, of one state or of all, and the cursor of the next page.</summary>
    public static (List<PartitionRow> Rows, string? Next) Partitions(LedgerConnection db, string run, string stage, string state, string? after, int size)
    {
        var from = after ?? stage + "/";
        var rows = state.Length > 0
            ? db.Query("SELECT node_id, state, tries, ended_us FROM node WHERE run_id=?1 AND stage=?2 AND state=?3 AND kind='partition' AND node_id>?4 ORDER BY node_id LIMIT ?5", Partition, run, stage, state, from, size + 1)
            : db.Query("SELECT node_id, state, tries, ended_us FROM node WHERE run_id=?1 AND node_id>?2 AND node_id<?3 ORDER BY node_id LIMIT ?4", Partition, run, from, stage + "0", size + 1);
        return rows.Count > size ? (rows[..size], rows[size - 1].NodeId) : (rows, null);
    }

    static NodePageModel? Row(LedgerConnection db, RunPageModel head, string nodeId)
    {
        var runId = head.Run.RunId;
        var attempts = db.Query("""
            SELECT attempt_id, run_id, node_id, epoch, state, pid, started_us, ended_us, progress_num, progress_den, progress_unit, progress_msg, resumed_ckpt, exit_kind, error_text
            FROM attempt WHERE run_id=?1 AND node_id=?2 ORDER BY epoch DESC LIMIT 100
            """, r => new AttemptRow(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.Text(4), r.NumberOrNull(5), LedgerTime.FromMicros(r.Number(6)), r.TimeOrNull(7),
                r.NumberOrNull(8) ?? 0, r.NumberOrNull(9) ?? 0, r.TextOrNull(10), r.TextOrNull(11), r.NumberOrNull(12), r.TextOrNull(13), r.TextOrNull(14)), runId, nodeId);
        var shown = db.First("""
            SELECT COALESCE(u.attempt_id, t.attempt_id), o.run_id FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused' LEFT JOIN attempt o ON o.attempt_id=u.attempt_id
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=COALESCE(n.committed_epoch, n.epoch) WHERE n.run_id=?1 AND n.node_id=?2
            """, r => (Attempt: r.TextOrNull(0), Run: r.TextOrNull(1)), runId, nodeId);
        return db.First("""
            SELECT stage, uses, kind, state, epoch, tries, infra_losses, max_tries, memo_key, key_json, memo_result, why_json, slot_class, timeout_s, eligible_us, ended_us FROM node WHERE run_id=?1 AND node_id=?2
            """, Map, runId, nodeId);

        NodePageModel Map(Row r) => new(head.Run, nodeId, r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Number(4), r.Number(5), r.Number(6), r.Number(7), r.TextOrNull(8), r.TextOrNull(9), r.TextOrNull(10), r.TextOrNull(11),
            attempts, Checkpoints(db, runId, nodeId), Slots(db, shown.Attempt, "in"), Slots(db, shown.Attempt, "out"), shown.Run)
        {
            Queue = r.Text(12),
            Timeout = r.NumberOrNull(13) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Eligible = r.Number(14) > 0 ? LedgerTime.FromMicros(r.Number(14)) : null,
            Ended = r.TimeOrNull(15),
            Seed = head.Seed,
            Threads = head.Threads,
        };
    }

    static SortedDictionary<string, string> Options(LedgerConnection db, string run, string stage) =>
        ParameterQueries.Options(db, db.Text("SELECT param_id FROM node WHERE run_id=?1 AND node_id=?2", run, stage));

    static List<NodeAlert> Alerts(LedgerConnection db, NodePageModel node, DateTimeOffset now)
    {
        var alerts = new List<NodeAlert>();
        if (node.Attempts is [{ State: "running" } running, ..])
        {
            var (host, pid, start, boot, ended, seen) = db.First("SELECT w.host, w.pid, w.pid_start, w.boot_id, w.ended_us, COALESCE(t.seen_us, t.started_us) FROM attempt t JOIN worker w ON w.worker_id=t.worker_id WHERE t.attempt_id=?1",
                r => (r.Text(0), r.Number(1), r.Number(2), r.Text(3), r.TimeOrNull(4), LedgerTime.FromMicros(r.Number(5))), running.AttemptId);
            if (ended is not null || ProcessIdentity.IsDead(host, pid, start, boot))
            {
                alerts.Add(new NodeAlert("bad", $"The server that works on it is gone ({host}, process {pid}). Nothing committed is lost: resume the run, or start a server, and it goes on from its last checkpoint."));
            }
            else if (now - seen > Stale)
            {
                alerts.Add(new NodeAlert("warn", $"No heartbeat since {Format.Time(seen)} UTC ({Format.Duration(now - seen)}): the server may hang. Another one takes the node over once it is sure."));
            }
        }

        if (node.State == "retry_wait" && node.Eligible is { } next)
        {
            alerts.Add(new NodeAlert("warn", $"It failed and is tried again at {Format.Time(next)} UTC."));
        }

        foreach (var (slot, state, doomed) in db.Query("""
            SELECT e.slot, b.state, b.doomed_us FROM attempt t JOIN edge e ON e.attempt_id=t.attempt_id AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id JOIN blob b ON b.hash=a.blob_hash
            WHERE t.run_id=?1 AND t.node_id=?2 AND t.epoch=(SELECT committed_epoch FROM node WHERE run_id=?1 AND node_id=?2) AND b.state<>'live' LIMIT 20
            """, r => (r.Text(0), r.Text(1), r.TimeOrNull(2)), node.Run.RunId, node.NodeId))
        {
            alerts.Add(state switch
            {
                "doomed" => new NodeAlert("warn", $"Nothing needs its {slot} any more: marked for collection{(doomed is { } at ? $" at {Format.Time(at)} UTC" : "")}, removed by the first collection after its grace. Pin the artifact to keep it."),
                "missing" => new NodeAlert("bad", $"Files of its {slot} were found damaged and taken out of the store; they are computed again when something needs them."),
                _ => new NodeAlert("warn", $"Its {slot} has been collected: nothing needed it. A resumed run computes it again."),
            });
        }

        return alerts;
    }

    // Troubled partitions first: they are what a person looks for.
    static List<PartitionRow> Tiles(LedgerConnection db, NodePageModel node)
    {
        var rows = new List<PartitionRow>();
        foreach (var state in Troubled.Where(node.PartitionStates.ContainsKey))
        {
            rows.AddRange(db.Query("SELECT node_id, state, tries, ended_us FROM node WHERE run_id=?1 AND stage=?2 AND state=?3 AND kind='partition' ORDER BY node_id LIMIT ?4", Partition, node.Run.RunId, node.Stage, state, MostTiles - rows.Count));
            if (rows.Count >= MostTiles)
            {
                break;
            }
        }

        return rows;
    }

    static PartitionRow Partition(Row r) => new(r.Text(0), r.Text(1), r.Number(2), r.TimeOrNull(3));

    /// <summary>Checkpoints of a node, newest first.</summary>
    public static List<CheckpointRow> Checkpoints(LedgerConnection db, string run, string node) => db.Query(
        "SELECT node_id, step, epoch, artifact_id, cursor_json, metric, best, kept, created_us FROM checkpoint WHERE run_id=?1 AND node_id=?2 ORDER BY step DESC LIMIT 100",
        r => new CheckpointRow(r.Text(0), r.Number(1), r.Number(2), r.Text(3), r.Text(4), r.RealOrNull(5), r.Number(6) == 1, r.Number(7) == 1, LedgerTime.FromMicros(r.Number(8))), run, node);

    /// <summary>What an attempt read ("in") or made ("out").</summary>
    public static List<SlotRow> Slots(LedgerConnection db, string? attempt, string direction) => attempt is null ? [] : db.Query("""
        SELECT e.slot, a.artifact_id, a.kind, a.rows, a.size FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir=?2 ORDER BY e.slot, e.ordinal LIMIT 100
        """, r => new SlotRow(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4)), attempt, direction);
}
