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

    /// <summary>Cancels a node for good: what has not started, or has failed, ends here, and what depends on it is skipped; a running attempt is told to stop and ends it so. The caller rolls up.</summary>
    public static void Delete(LedgerConnection db, History history, string runId, string nodeId, long now, string by)
    {
        if (db.Execute("UPDATE node SET state='cancelled', ended_us=?3, eligible_us=0 WHERE run_id=?1 AND node_id=?2 AND state IN('waiting','ready','retry_wait','failed')", runId, nodeId, now) == 0)
        {
            Stop(db, history, runId, nodeId, "delete", by);
            return;
        }

        history.Add(db, "node.deleted", runId, nodeId, detail: by);
        SkipDownstream(db, runId, nodeId, now);
    }

    /// <summary>Tells a running attempt to stop, and what is to become of its node then: <c>delete</c> or <c>requeue</c>. It reads that with its next heartbeat and commits nothing from here on.</summary>
    public static void Stop(LedgerConnection db, History history, string runId, string nodeId, string why, string by)
    {
        if (db.Execute("UPDATE node SET stop=?3 WHERE run_id=?1 AND node_id=?2 AND state='running'", runId, nodeId, why) == 1)
        {
            history.Add(db, "node.stopping", runId, nodeId, detail: $"{why} by {by}");
        }
    }

    /// <summary>Whether a running attempt of a node is to stop: its run is cancelled, or it is told to itself.</summary>
    public static bool ToStop(LedgerConnection db, string runId, string nodeId) =>
        db.Number("SELECT r.cancel_requested_us IS NOT NULL OR n.stop IS NOT NULL FROM run r JOIN node n ON n.run_id=r.run_id WHERE r.run_id=?1 AND n.node_id=?2", runId, nodeId) == 1;

    /// <summary>Ends a node's wait for its next try.</summary>
    public static void Enqueue(LedgerConnection db, History history, string runId, string nodeId, string by)
    {
        if (db.Execute("UPDATE node SET state='ready', eligible_us=0 WHERE run_id=?1 AND node_id=?2 AND state='retry_wait'", runId, nodeId) == 1)
        {
            history.Add(db, "node.enqueued", runId, nodeId, detail: by);
        }
    }

    /// <summary>What becomes of a node whose attempt has ended after it was told to stop. The caller rolls up.</summary>
    public static void Stopped(LedgerConnection db, History history, string runId, string nodeId, string why, long now)
    {
        if (why == "requeue" && db.Number("SELECT cancel_requested_us IS NOT NULL FROM run WHERE run_id=?1", runId) == 0)
        {
            db.Execute("UPDATE node SET state='ready', stop=NULL, tries=0, infra_losses=0, tries_from=epoch, eligible_us=0, ended_us=NULL WHERE run_id=?1 AND node_id=?2", runId, nodeId);
            history.Add(db, "node.requeued", runId, nodeId);
            return;
        }

        db.Execute("UPDATE node SET state='cancelled', stop=NULL, eligible_us=0, ended_us=?3 WHERE run_id=?1 AND node_id=?2", runId, nodeId, now);
        history.Add(db, "node.deleted", runId, nodeId);
        SkipDownstream(db, runId, nodeId, now);
    }

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

        // A partition beside others of its stage that have results; a run whose only losses are such ones is partial.
        const string beside = "(f.kind='partition' AND EXISTS(SELECT 1 FROM node o WHERE o.run_id=?1 AND o.stage=f.stage AND o.kind='partition' AND o.state IN('succeeded','reused')))";
        var state = db.Text($"""
            SELECT CASE WHEN NOT EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND state='failed')
                     THEN CASE WHEN NOT EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND state='cancelled') THEN 'succeeded'
                       WHEN EXISTS(SELECT 1 FROM run WHERE run_id=?1 AND cancel_requested_us IS NOT NULL) OR EXISTS(SELECT 1 FROM node f WHERE f.run_id=?1 AND f.state='cancelled' AND NOT {beside}) THEN 'cancelled'
                       ELSE 'partial' END
                   WHEN EXISTS(SELECT 1 FROM node f WHERE f.run_id=?1 AND f.state='failed' AND NOT {beside}) THEN 'failed'
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
