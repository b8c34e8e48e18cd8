using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>
/// What people ask of single nodes. Each act is one transaction with its line in the audit: what the ledger alone decides is done in it; a running attempt is told to stop by <c>node.stop</c>;
/// what plans nodes anew is left as a request for the process that serves the home.
/// </summary>
/// <param name="ledger">The ledger, opened for writing.</param>
sealed class NodeActs(LedgerDb ledger)
{
    readonly History history = new(ledger.Time);

    /// <summary>Makes a node run again.</summary>
    /// <returns>The run in which it runs.</returns>
    public string Requeue(string runId, string nodeId, string actor, string reason)
    {
        var id = ledger.Time.NewId();
        return Act(runId, nodeId, "requeue", actor, reason, (db, node, now) =>
        {
            switch (node.State)
            {
                case "succeeded" or "reused":
                    Requests.Restart(db, id, runId, node.Stage, actor, reason, now);
                    return id;
                case "running":
                    NodeStates.Stop(db, history, runId, nodeId, "requeue", actor);
                    return runId;
                default:
                    Requests.Add(db, id, "requeue", runId, nodeId, actor, reason, now);
                    return runId;
            }
        });
    }

    /// <summary>Ends the wait for a node's next try.</summary>
    public void EnqueueNow(string runId, string nodeId, string actor, string reason) => Act(runId, nodeId, "enqueue", actor, reason, (db, _, _) =>
    {
        NodeStates.Enqueue(db, history, runId, nodeId, actor);
        return runId;
    });

    /// <summary>Cancels a node that has not ended.</summary>
    public void Delete(string runId, string nodeId, string actor, string reason) => Act(runId, nodeId, "delete", actor, reason, (db, _, now) =>
    {
        NodeStates.Delete(db, history, runId, nodeId, now, actor);
        NodeStates.RollUp(db, history, runId, now);
        return runId;
    });

    string Act(string runId, string nodeId, string act, string actor, string reason, Func<LedgerConnection, NodeNow, long, string> change) => ledger.Write(db =>
    {
        var (node, now) = (NodeNow.Find(db, runId, nodeId), ledger.Time.Micros());
        node.Require(act);
        var run = change(db, node, now);
        Audit.Add(db, now, actor, $"node.{act}", $"{runId}/{nodeId}", reason, new { state = node.State, run = node.RunState, epoch = node.Epoch, next = run == runId ? null : run });
        return run;
    });
}
