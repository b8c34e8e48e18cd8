using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Outside.OpenLineage;

/// <summary>What is told of a run.</summary>
sealed record RunFacts(string RunId, string Job, string Description, string Trigger, string Actor, string? Reason, string RootRun, string RootJob, DateTimeOffset? NominalStart, DateTimeOffset? NominalEnd,
    long Seed, long Threads, string? Schedule, string PartitionKey, string? ResumeOf, string? Error);

/// <summary>What is told of an attempt; most is null where the node has been taken out of its run.</summary>
sealed record AttemptFacts(string? AttemptId, string Stage, string Uses, string Kind, string PartitionKey, string? MemoKey, string? KeyJson, string? PlanJson, string? Options,
    string? Worker, long? ResumedStep, string? ExitKind, string? ErrorType, string? Error, long Losses);

/// <summary>What is told of an artifact.</summary>
/// <param name="Id">Its hash.</param>
/// <param name="Logical">Hash of its content whatever the codec.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Rows">Rows, or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Files">Files.</param>
/// <param name="File">Name of the first file, or null.</param>
sealed record ArtifactFacts(string Id, string Logical, string Kind, long? Rows, long Size, long Files, string? File);

/// <summary>Reads of the ledger for lineage: everything is found by key or index, whatever the size of the history.</summary>
static class LineageFactQueries
{
    const string ArtifactColumns = """
        a.artifact_id, a.logical_hash, a.kind, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id),
        (SELECT name FROM artifact_member m WHERE m.artifact_id=a.artifact_id ORDER BY ordinal LIMIT 1)
        """;

    /// <summary>A run; null where there is none.</summary>
    public static RunFacts? Run(LedgerConnection db, string runId) => db.First("""
        SELECT r.run_id, r.pipeline, r.description, r.trigger_kind, r.requested_by, r.reason, r.root_run, COALESCE(o.pipeline, r.pipeline), r.nominal_start_us, r.nominal_end_us,
          r.seed, r.threads, r.schedule_key, r.partition_key, r.resume_of, r.error_text
        FROM run r LEFT JOIN run o ON o.run_id=r.root_run WHERE r.run_id=?1
        """, r => new RunFacts(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.TextOrNull(5), r.Text(6), r.Text(7), r.TimeOrNull(8), r.TimeOrNull(9),
        r.Number(10), r.Number(11), r.TextOrNull(12), r.Text(13), r.TextOrNull(14), r.TextOrNull(15)), runId);

    /// <summary>An attempt by its fence, or a node without one.</summary>
    public static AttemptFacts Attempt(LedgerConnection db, string runId, string nodeId, long? epoch) => db.First("""
        SELECT t.attempt_id, n.stage, n.uses, n.kind, n.partition_key, n.memo_key, n.key_json, n.plan_json, p.semantic_json, t.worker_id, t.resumed_ckpt, t.exit_kind, t.error_type, t.error_text,
          (SELECT COUNT(*) FROM attempt l WHERE l.run_id=n.run_id AND l.node_id=n.node_id AND l.epoch<?3 AND l.state='lost' AND l.exit_kind IS NOT 'stopped')
        FROM node n JOIN param_set p USING(param_id) LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=?3 WHERE n.run_id=?1 AND n.node_id=?2
        """, r => new AttemptFacts(r.TextOrNull(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.TextOrNull(5), r.TextOrNull(6), r.TextOrNull(7), r.TextOrNull(8), r.TextOrNull(9), r.NumberOrNull(10),
        r.TextOrNull(11), r.TextOrNull(12), r.TextOrNull(13), r.Number(14)), runId, nodeId, epoch)
        ?? new AttemptFacts(null, nodeId.Split('/')[0], "", nodeId.Contains('/') ? "partition" : "single", nodeId.Contains('/') ? nodeId[(nodeId.IndexOf('/') + 1)..] : "",
            null, null, null, null, null, null, null, null, null, 0);

    /// <summary>What an attempt read or made, in order.</summary>
    public static List<(string Slot, ArtifactFacts Artifact)> Edges(LedgerConnection db, string attemptId, string direction) => db.Query(
        $"SELECT e.slot, {ArtifactColumns} FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir=?2 ORDER BY e.slot, e.ordinal",
        r => (r.Text(0), Artifact(r, 1)), attemptId, direction);

    /// <summary>What the nodes a node waits for have published: the datasets it may read, by the names they have in its run.</summary>
    public static List<(string Stage, string Kind, string PartitionKey, string Slot, ArtifactFacts Artifact)> Upstream(LedgerConnection db, string runId, string nodeId) => db.Query($"""
        SELECT n.stage, n.kind, n.partition_key, e.slot, {ArtifactColumns} FROM node_dep d JOIN node n ON n.run_id=d.run_id AND n.node_id=d.upstream_id
        LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
        LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
        JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
        WHERE d.run_id=?1 AND d.node_id=?2 ORDER BY n.ordinal, n.node_id, e.slot
        """, r => (r.Text(0), r.Text(1), r.Text(2), r.Text(3), Artifact(r, 4)), runId, nodeId);

    /// <summary>The first attempt known to have made an artifact: names one that no node of the run made.</summary>
    public static (string Job, string Stage, string Kind, string PartitionKey, string Slot)? Producer(LedgerConnection db, string artifactId) => db.First("""
        SELECT r.pipeline, n.stage, n.kind, n.partition_key, e.slot FROM edge e JOIN attempt t USING(attempt_id) JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id JOIN run r ON r.run_id=t.run_id
        WHERE e.artifact_id=?1 AND e.dir='out' ORDER BY t.started_us, t.attempt_id LIMIT 1
        """, r => ((string, string, string, string, string)?)(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4)), artifactId);

    /// <summary>The newest values of a node's metrics up to a step, as far as they are known by now.</summary>
    public static List<(string Key, double Value)> Metrics(LedgerConnection db, string runId, string nodeId, long step) => db.Query("""
        SELECT s.key, (SELECT value FROM metric_point p WHERE p.series_id=s.series_id AND p.step<=?3 ORDER BY step DESC LIMIT 1) AS value FROM metric_series s
        WHERE s.run_id=?1 AND s.node_id=?2 AND value IS NOT NULL ORDER BY s.key
        """, r => (r.Text(0), r.RealOrNull(1)!.Value), runId, nodeId, step);

    /// <summary>Logical hashes of a node's inputs, from its memo key.</summary>
    public static HashSet<string> KeyInputs(string keyJson)
    {
        using var key = JsonDocument.Parse(keyJson);
        return key.RootElement.TryGetProperty("inputs", out var inputs) ? [.. inputs.EnumerateArray().Select(i => i.GetProperty("logical").GetString()!)] : [];
    }

    static ArtifactFacts Artifact(Row r, int at) => new(r.Text(at), r.Text(at + 1), r.Text(at + 2), r.NumberOrNull(at + 3), r.Number(at + 4), r.Number(at + 5), r.TextOrNull(at + 6));
}
