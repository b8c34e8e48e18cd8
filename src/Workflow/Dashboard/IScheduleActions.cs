namespace Workflow.Dashboard;

/// <summary>What a person may do to a schedule.</summary>
public interface IScheduleActions
{
    /// <summary>Stops it from firing. Pausing a paused one gives it the new reason and end.</summary>
    /// <param name="key"><c>job/name</c>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; must not be empty.</param>
    /// <param name="until">When it goes on by itself; null where it is resumed by hand.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is in no state for it, a reason is missing, or the end is not in the future; the message is shown.</exception>
    Task PauseAsync(string key, string actor, string reason, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>Lets it fire again.</summary>
    /// <param name="key"><c>job/name</c>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is not paused, or its job file pauses it; the message is shown.</exception>
    Task ResumeAsync(string key, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Makes a run now.</summary>
    /// <inheritdoc cref="ResumeAsync"/>
    /// <returns>The run's id.</returns>
    /// <exception cref="WorkflowException">The job file is at fault; the message is shown.</exception>
    Task<string> TriggerAsync(string key, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Withdraws it; its history stays.</summary>
    /// <inheritdoc cref="ResumeAsync"/>
    /// <returns>What a person must know about it, or null: a schedule of a served job file comes back with the file.</returns>
    /// <exception cref="WorkflowException">There is no such schedule; the message is shown.</exception>
    Task<string?> RemoveAsync(string key, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Asks for one run per nominal time of a range; a nominal time that has a run gets no second one.</summary>
    /// <param name="key"><c>job/name</c>.</param>
    /// <param name="from">First instant.</param>
    /// <param name="to">First instant after it.</param>
    /// <param name="parallel">Runs that may be unfinished at a time, 1 to 1000.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The backfill's id.</returns>
    /// <exception cref="WorkflowException">No nominal time is in the range, or more than 100,000 are; the message is shown.</exception>
    Task<string> BackfillAsync(string key, DateTimeOffset from, DateTimeOffset to, int parallel, string actor, string reason, CancellationToken cancellationToken);
}
