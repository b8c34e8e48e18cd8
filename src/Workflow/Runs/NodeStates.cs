using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>What a node's end does to its neighbours and its run; every method runs inside the transaction that ends the node.</summary>
static class NodeStates
{
    /// <summary>Tells the nodes that wait for this one that it is done; those that wait for nothing else are ready.</summary>
    public static void Unlock(LedgerConnection db, string runId, string nodeId) => db.Execute("""
        UPDATE node SET waits=waits-1, state=CASE WHEN waits<=1 AND state='waiting' THEN 'ready' ELSE state END
        WHERE run_id=?1 AND node_id IN (SELECT node_id FROM node_dep WHERE run_id=?1 AND upstream_id=?2)
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
        const string open = "EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND (state='waiting' OR state='ready' OR state='running' OR state='retry_wait'))";
        var (cancel, more) = db.First($"SELECT cancel_requested_us IS NOT NULL, {open} FROM run WHERE run_id=?1", r => (r.Number(0) == 1, r.Number(1) == 1), runId);
        if (more && cancel)
        {
            CancelIdle(db, runId, now);
            more = db.Number($"SELECT {open}", runId) == 1;
        }

        if (more)
        {
            return null;
        }

        var state = db.Text($"""
            SELECT CASE WHEN NOT EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND state='failed')
                     THEN CASE WHEN EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND state='cancelled') THEN 'cancelled' ELSE 'succeeded' END
                   WHEN EXISTS(SELECT 1 FROM node f WHERE f.run_id=?1 AND f.state='failed' AND NOT (f.kind='partition'
                     AND EXISTS(SELECT 1 FROM node o WHERE o.run_id=?1 AND o.stage=f.stage AND o.kind='partition' AND o.state IN('succeeded','reused')))) THEN 'failed'
                   ELSE 'partial' END
            """, runId)!;
        if (db.Execute("UPDATE run SET state=?2, ended_us=?3 WHERE run_id=?1 AND (state='running' OR state='queued' OR state='interrupted')", runId, state, now) == 0)
        {
            return null;
        }

        history.Add(db, "run.ended", runId, detail: state);
        return state;
    }
}
