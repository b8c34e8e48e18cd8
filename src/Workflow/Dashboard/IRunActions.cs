namespace Workflow.Dashboard;

/// <summary>What a person may do to a run. Each act is refused at once where the run is in no state for it, and leaves a line in the audit in the transaction that asks for it.</summary>
public interface IRunActions
{
    /// <summary>Stops a run: what runs is stopped, what has not started is cancelled. What it committed stays; it can be resumed.</summary>
    /// <param name="runId">Full id.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">The run is in no state for it; the message is shown.</exception>
    Task CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Continues an interrupted, partial, failed or cancelled run under the same id: all that has not succeeded is planned again.</summary>
    /// <inheritdoc cref="CancelAsync"/>
    Task ResumeAsync(string runId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Starts a run's job again from a stage on: a new run that computes the stage and all that follows it anew. The earlier run may be in any state.</summary>
    /// <param name="runId">Full id of the earlier run.</param>
    /// <param name="stage">Name of the stage.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Id of the new run; its page may take a moment to be there.</returns>
    /// <exception cref="WorkflowException">The run has no such stage; the message is shown.</exception>
    Task<string> RestartAsync(string runId, string stage, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Gives an unfinished run another priority: higher goes first, one step counts as much as having waited ten minutes longer.</summary>
    /// <param name="runId">Full id.</param>
    /// <param name="priority">From -1000 to 1000.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">The run has ended; the message is shown.</exception>
    Task PrioritizeAsync(string runId, int priority, string actor, string reason, CancellationToken cancellationToken);
}
