namespace Workflow.Dashboard.SearchPages;

/// <summary>Searches and filters of lists kept under a name. Each act leaves a line in the audit in the transaction that does it.</summary>
public interface ISavedFilters
{
    /// <summary>Saves one; one of that name is replaced.</summary>
    /// <param name="name">Its name, 1 to 60 characters.</param>
    /// <param name="scope">The page, see <see cref="SavedFilter.Scope"/>.</param>
    /// <param name="query">What stands behind the question mark of its address.</param>
    /// <param name="actor">Who saves it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WorkflowException">The name, the page or the query will not do; the message is shown.</exception>
    Task SaveAsync(string name, string scope, string query, string actor, CancellationToken cancellationToken);

    /// <summary>Deletes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="actor">Who deletes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WorkflowException">There is none of that name; the message is shown.</exception>
    Task DeleteAsync(string name, string actor, CancellationToken cancellationToken);
}
