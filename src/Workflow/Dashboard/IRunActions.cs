namespace Workflow.Dashboard;

/// <summary>What a person at the dashboard may do to a run. The process that holds the scheduler implements it; without it the dashboard only shows.</summary>
public interface IRunActions
{
    /// <summary>Asks a run to stop.</summary>
    /// <param name="runId">Full id.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">The run is in no state for it; the message is shown.</exception>
    Task CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Continues an unfinished, failed or cancelled run under the same id.</summary>
    /// <inheritdoc cref="CancelAsync"/>
    Task ResumeAsync(string runId, string actor, string reason, CancellationToken cancellationToken);
}
