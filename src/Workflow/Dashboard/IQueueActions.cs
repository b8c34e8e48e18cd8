namespace Workflow.Dashboard;

/// <summary>What a person may do to a queue: the slot class (cpu, gpu) that nodes wait for.</summary>
public interface IQueueActions
{
    /// <summary>Lets nothing new of the class start. What runs goes on; a node whose results are there already is still reused, that needs no slot. Pausing a paused queue gives it the new reason and end.</summary>
    /// <param name="queue">Slot class.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; must not be empty.</param>
    /// <param name="until">When it ends by itself; null where it is ended by hand.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">There is no such queue, no reason, or the end is not in the future; the message is shown.</exception>
    Task PauseAsync(string queue, string actor, string reason, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>Ends the pause.</summary>
    /// <param name="queue">Slot class.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is not paused; the message is shown.</exception>
    Task ResumeAsync(string queue, string actor, string reason, CancellationToken cancellationToken);
}
