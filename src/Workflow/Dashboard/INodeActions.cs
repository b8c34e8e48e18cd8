using Workflow.Runs.Acts;

namespace Workflow.Dashboard;

/// <summary>What a person may do to a node of a run: a stage, or one partition of it. Which state allows what: <see cref="ActStates"/>.</summary>
public interface INodeActions
{
    /// <summary>
    /// Makes a node run again. Failed, cancelled, skipped or waiting for its next try: the run goes on under its id with this node, with what it needs that has not succeeded, and with what depends on it.
    /// Running: its attempt is stopped and it starts anew. Succeeded or reused: a new run that computes its stage and all that follows it.
    /// </summary>
    /// <param name="runId">Full id of the run.</param>
    /// <param name="nodeId">Stage, or <c>stage/key</c>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Id of the run in which it runs: the same, or the new one, whose page may take a moment to be there.</returns>
    /// <exception cref="WorkflowException">It is in no state for it; the message is shown.</exception>
    Task<string> RequeueAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Ends the wait for a node's next try: it is ready now.</summary>
    /// <param name="runId">Full id of the run.</param>
    /// <param name="nodeId">Stage, or <c>stage/key</c>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is in no state for it; the message is shown.</exception>
    Task EnqueueNowAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Cancels a node that has not ended: its work stops, what depends on it is skipped, the rest of the run goes on. One that failed is put away: it no longer stands among the failed, its ended run keeps its state. It can be requeued.</summary>
    /// <inheritdoc cref="EnqueueNowAsync"/>
    Task DeleteAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken);
}
