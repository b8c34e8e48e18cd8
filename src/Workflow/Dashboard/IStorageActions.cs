namespace Workflow.Dashboard;

/// <summary>What a person may do to what is kept. Each act is one transaction with its line in the audit.</summary>
public interface IStorageActions
{
    /// <summary>Pins an artifact: garbage collection keeps it, and the files it consists of, whatever its age.</summary>
    /// <param name="artifactId">Full id.</param>
    /// <param name="until">When the pin ends by itself; null never.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; must not be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">There is no such artifact, it is pinned already, or its files are gone; the message is shown.</exception>
    Task PinAsync(string artifactId, DateTimeOffset? until, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Takes a pin away: the artifact is kept as long as others are.</summary>
    /// <param name="artifactId">Full id.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It is not pinned; the message is shown.</exception>
    Task UnpinAsync(string artifactId, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Asks the process that serves the home to collect garbage; it goes on in the background and <c>gc_act</c> shows what it did.</summary>
    /// <param name="keep">Runs younger than this keep all they read and made.</param>
    /// <param name="grace">How long files stay after they were marked.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; must not be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Id of the collection.</returns>
    /// <exception cref="WorkflowException">One is asked for already and has not ended; the message is shown.</exception>
    Task<string> CollectAsync(TimeSpan keep, TimeSpan grace, string actor, string reason, CancellationToken cancellationToken);
}
