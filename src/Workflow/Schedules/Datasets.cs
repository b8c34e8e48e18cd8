using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>Versions of data sets: what a job's <c>datasets:</c> names, whenever a run commits it with other content than the newest version.</summary>
static class Datasets
{
    /// <summary>Makes the versions that a committed or reused node stands for; call it inside the transaction that commits the node.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="runId">The run.</param>
    /// <param name="nodeId">The node: of a partitioned stage, the one that gathers.</param>
    /// <param name="attemptId">The attempt whose outputs they are; a reused one too.</param>
    /// <param name="now">The time.</param>
    public static void Commit(LedgerConnection db, string runId, string nodeId, string attemptId, long now) => db.Execute("""
        INSERT INTO dataset_version(dataset, version, seq, run_id, attempt_id, created_us)
        SELECT d.key, e.artifact_id, COALESCE((SELECT MAX(v.seq) FROM dataset_version v WHERE v.dataset=d.key), 0) + 1, r.run_id, e.attempt_id, ?4
        FROM run r JOIN json_each(r.job_json, '$.datasets') d JOIN edge e ON e.attempt_id=?3 AND e.dir='out' AND d.value = ?2 || '.' || e.slot
        WHERE r.run_id=?1 AND e.artifact_id IS NOT (SELECT v.version FROM dataset_version v WHERE v.dataset=d.key ORDER BY v.seq DESC LIMIT 1)
        """, runId, nodeId, attemptId, now);
}
