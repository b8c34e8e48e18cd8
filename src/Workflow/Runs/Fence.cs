using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>
/// The fence: a number on the node that only grows. Each claim takes the next one; whoever holds an older one can write nothing any more, whatever it believes.
/// Virtual only so that tests can break it and see the break found.
/// </summary>
class Fence
{
    /// <summary>The epoch of the next claim, one above the node's; the claim stores it in the same transaction.</summary>
    public virtual long Next(LedgerConnection db, string runId, string nodeId) =>
        db.Number("SELECT epoch+1 FROM node WHERE run_id=?1 AND node_id=?2", runId, nodeId);

    /// <summary>Whether the attempt may still write.</summary>
    public virtual bool Holds(LedgerConnection db, Claim claim) => db.Number("""
        SELECT COUNT(*) FROM node n JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.epoch
        WHERE n.run_id=?1 AND n.node_id=?2 AND n.epoch=?3 AND n.state='running' AND t.attempt_id=?4 AND t.state='running'
        """, claim.RunId, claim.NodeId, claim.Epoch, claim.AttemptId) == 1;
}
