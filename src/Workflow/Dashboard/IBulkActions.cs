using Workflow.Runs.Acts;

namespace Workflow.Dashboard;

/// <summary>
/// Acts over everything that a filter finds, or that was ticked. The targets are listed when the act is asked for and worked off in batches by the serving process: <c>bulk_act</c> shows how far it has come,
/// and a serve that was killed goes on with it. Each target is acted on once.
/// </summary>
public interface IBulkActions
{
    /// <summary>What an act would be done to: those that the filter finds and whose state allows the act.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="action">For nodes requeue, enqueue, delete; for runs resume, cancel.</param>
    /// <param name="rows">So many rows are shown at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WorkflowException">The filter or the action is none; the message is shown.</exception>
    Task<BulkPreview> PreviewAsync(BulkFilter filter, string action, int rows, CancellationToken cancellationToken);

    /// <summary>Asks for the act; it goes on in the background.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="action">See <see cref="PreviewAsync"/>.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why; must not be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The bulk act's id.</returns>
    /// <exception cref="WorkflowException">The filter or the action is none, or a reason is missing; the message is shown.</exception>
    Task<string> StartAsync(BulkFilter filter, string action, string actor, string reason, CancellationToken cancellationToken);

    /// <summary>Stops a bulk act after its present batch; what is done stays done.</summary>
    /// <param name="bulkId">The bulk act.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="WorkflowException">It has ended; the message is shown.</exception>
    Task StopAsync(string bulkId, string actor, string reason, CancellationToken cancellationToken);
}
