using Workflow.Ledger;

namespace Workflow.Dashboard.Queries;

/// <summary>An artifact read or published by a node.</summary>
public sealed record SlotRow(string Slot, string ArtifactId, string Kind, long? Rows, long Size);

/// <summary>A partition of a stage.</summary>
public sealed record PartitionRow(string NodeId, string State, long Tries);

/// <summary>All that the page of a stage or partition shows.</summary>
public sealed record NodePageModel(RunRow Run, string NodeId, string Stage, string Uses, string Kind, string State, long Epoch, long Tries, long InfraLosses, long MaxTries,
    string? MemoKey, string? KeyJson, string? MemoResult, string? WhyJson, IReadOnlyList<AttemptRow> Attempts, IReadOnlyList<CheckpointRow> Checkpoints,
    IReadOnlyList<SlotRow> Inputs, IReadOnlyList<SlotRow> Outputs, IReadOnlyList<PartitionRow> Partitions, long PartitionCount, string? ReusedFromRun);

/// <summary>Reads for the page of a stage or partition.</summary>
static class NodePageQueries
{
    const int MostPartitions = 200;

    /// <summary>The node, or null.</summary>
    public static NodePageModel? Node(LedgerConnection db, string runId, string nodeId)
    {
        if (RunListQueries.One(db, runId) is not { } run)
        {
            return null;
        }

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
            SELECT stage, uses, kind, state, epoch, tries, infra_losses, max_tries, memo_key, key_json, memo_result, why_json FROM node WHERE run_id=?1 AND node_id=?2
            """, r => new NodePageModel(run, nodeId, r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Number(4), r.Number(5), r.Number(6), r.Number(7), r.TextOrNull(8), r.TextOrNull(9), r.TextOrNull(10), r.TextOrNull(11),
                attempts, Checkpoints(db, runId, nodeId), Slots(db, shown.Attempt, "in"), Slots(db, shown.Attempt, "out"), r.Text(2) == "gather" ? Partitions(db, runId, r.Text(0)) : [],
                r.Text(2) == "gather" ? db.Number("SELECT COUNT(*) FROM node WHERE run_id=?1 AND stage=?2 AND kind='partition'", runId, r.Text(0)) : 0, shown.Run), runId, nodeId);
    }

    /// <summary>The newest log lines of an attempt, oldest first.</summary>
    public static List<(DateTimeOffset Time, string Line)> Log(LedgerConnection db, string attempt, int most = 200)
    {
        var lines = db.Query("SELECT ts_us, line FROM attempt_log WHERE attempt_id=?1 ORDER BY seq DESC LIMIT ?2", r => (LedgerTime.FromMicros(r.Number(0)), r.Text(1)), attempt, most);
        lines.Reverse();
        return lines;
    }

    static List<CheckpointRow> Checkpoints(LedgerConnection db, string run, string node) => db.Query(
        "SELECT node_id, step, epoch, artifact_id, cursor_json, metric, best, kept, created_us FROM checkpoint WHERE run_id=?1 AND node_id=?2 ORDER BY step DESC LIMIT 100",
        r => new CheckpointRow(r.Text(0), r.Number(1), r.Number(2), r.Text(3), r.Text(4), r.RealOrNull(5), r.Number(6) == 1, r.Number(7) == 1, LedgerTime.FromMicros(r.Number(8))), run, node);

    static List<SlotRow> Slots(LedgerConnection db, string? attempt, string direction) => attempt is null ? [] : db.Query("""
        SELECT e.slot, a.artifact_id, a.kind, a.rows, a.size FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir=?2 ORDER BY e.slot, e.ordinal LIMIT 100
        """, r => new SlotRow(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4)), attempt, direction);

    // Troubled partitions first: they are what a person looks for.
    static List<PartitionRow> Partitions(LedgerConnection db, string run, string stage) => db.Query("""
        SELECT node_id, state, tries FROM node WHERE run_id=?1 AND stage=?2 AND kind='partition'
        ORDER BY CASE state WHEN 'failed' THEN 0 WHEN 'running' THEN 1 WHEN 'retry_wait' THEN 2 ELSE 3 END, node_id LIMIT ?3
        """, r => new PartitionRow(r.Text(0), r.Text(1), r.Number(2)), run, stage, MostPartitions);
}
