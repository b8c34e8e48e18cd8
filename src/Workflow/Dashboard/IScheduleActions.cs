namespace Workflow.Dashboard;

/// <summary>What a person at the dashboard may do to a schedule.</summary>
public interface IScheduleActions
{
    /// <summary>Stops it from firing.</summary>
    /// <param name="key"><c>job/name</c>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is in no state for it, or a reason is missing; the message is shown.</exception>
    Task PauseAsync(string key, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Lets it fire again.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    Task ResumeAsync(string key, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Makes a run now.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    /// <returns>The run's id.</returns>
    Task<string> TriggerAsync(string key, string actor, string reason, CancellationToken cancellationToken);
}
