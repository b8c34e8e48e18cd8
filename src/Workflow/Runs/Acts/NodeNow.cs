using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>A node as it is in the transaction that is to act on it.</summary>
sealed record NodeNow(string RunId, string NodeId, string Stage, string State, long Epoch, string? Stop, string RunState, bool Cancelling)
{
    /// <summary>Finds it.</summary>
    /// <exception cref="WorkflowException">There is none.</exception>
    public static NodeNow Find(LedgerConnection db, string runId, string nodeId) => Look(db, runId, nodeId) ?? throw new WorkflowException($"Run {runId} has no node '{nodeId}'.", exitCode: 2);

    /// <summary>Finds it, or null.</summary>
    public static NodeNow? Look(LedgerConnection db, string runId, string nodeId) => db.First("""
        SELECT n.stage, n.state, n.epoch, n.stop, r.state, r.cancel_requested_us IS NOT NULL FROM node n JOIN run r ON r.run_id=n.run_id WHERE n.run_id=?1 AND n.node_id=?2
        """, r => new NodeNow(runId, nodeId, r.Text(0), r.Text(1), r.Number(2), r.TextOrNull(3), r.Text(4), r.Number(5) == 1), runId, nodeId);

    /// <summary>Refuses an act that its state, or its run's, does not allow.</summary>
    /// <exception cref="WorkflowException">Says why.</exception>
    public void Require(string act)
    {
        if (Refusal(act) is { } why)
        {
            throw new WorkflowException(why);
        }
    }

    /// <summary>Why an act is not allowed now; null where it is.</summary>
    public string? Refusal(string act)
    {
        var ended = RunStates.Ended(RunState);
        if (!ended && Cancelling)
        {
            return $"Run {RunId} is being cancelled: wait for its end.";
        }

        if (Stop is not null)
        {
            return $"{NodeId} is being stopped already ({Stop}).";
        }

        if (!ActStates.Node(act, State))
        {
            return act == "requeue" && State is "waiting" && RunState is "interrupted" ? $"{NodeId} goes on with its run: resume {RunId}."
                : act == "requeue" && State is "waiting" or "ready" ? $"{NodeId} is {State}: it will run by itself."
                : act == "enqueue" && State == "waiting" ? $"{NodeId} waits for what it reads; it cannot start before."
                : $"{NodeId} is {State.Replace('_', ' ')}: there is nothing to {act}.";
        }

        return act == "delete" && ended && State != "failed" ? $"Run {RunId} has ended ({RunState}): there is nothing to {act}." : null;
    }
}
