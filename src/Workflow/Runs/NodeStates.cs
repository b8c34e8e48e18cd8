using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>What a node's end does to its neighbours and its run; every method runs inside the transaction that ends the node.</summary>
static class NodeStates
{
    /// <summary>Makes nodes ready whose upstreams have all succeeded or been reused.</summary>
    public static void Unlock(LedgerConnection db, string runId, string nodeId) => db.Execute("""
        UPDATE node SET state='ready' WHERE run_id=?1 AND state='waiting' AND node_id IN (SELECT node_id FROM node_dep WHERE run_id=?1 AND upstream_id=?2)
          AND NOT EXISTS (SELECT 1 FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id
                          WHERE d.run_id=?1 AND d.node_id=node.node_id AND u.state NOT IN('succeeded','reused'))
        """, runId, nodeId);

    /// <summary>Skips everything downstream of a node that failed for good.</summary>
    public static void SkipDownstream(LedgerConnection db, string runId, string nodeId, long now) => db.Execute("""
        WITH RECURSIVE down(id) AS (SELECT node_id FROM node_dep WHERE run_id=?1 AND upstream_id=?2
          UNION SELECT d.node_id FROM down JOIN node_dep d ON d.run_id=?1 AND d.upstream_id=down.id)
        UPDATE node SET state='skipped', ended_us=?3 WHERE run_id=?1 AND state IN('waiting','ready','retry_wait') AND node_id IN (SELECT id FROM down)
        """, runId, nodeId, now);

    /// <summary>Cancels what has not started, where the run is to be cancelled.</summary>
    public static void CancelIdle(LedgerConnection db, string runId, long now) =>
        db.Execute("UPDATE node SET state='cancelled', ended_us=?2 WHERE run_id=?1 AND state IN('waiting','ready','retry_wait')", runId, now);

    /// <summary>Ends the run where no node is left to do; returns its new state, or null.</summary>
    public static string? RollUp(LedgerConnection db, History history, string runId, long now)
    {
        if (db.Number("SELECT cancel_requested_us IS NOT NULL FROM run WHERE run_id=?1", runId) == 1)
        {
            CancelIdle(db, runId, now);
        }

        var (open, failed, cancelled) = db.First("""
            SELECT SUM(state IN('waiting','ready','running','retry_wait')), SUM(state='failed'), SUM(state='cancelled') FROM node WHERE run_id=?1
            """, r => (r.NumberOrNull(0) ?? 0, r.NumberOrNull(1) ?? 0, r.NumberOrNull(2) ?? 0), runId);
        if (open > 0)
        {
            return null;
        }

        var state = failed > 0 ? "failed" : cancelled > 0 ? "cancelled" : "succeeded";
        if (db.Execute("UPDATE run SET state=?2, ended_us=?3 WHERE run_id=?1 AND state IN('queued','running','interrupted')", runId, state, now) == 0)
        {
            return null;
        }

        history.Add(db, "run.ended", runId, detail: state);
        return state;
    }
}
