using Workflow.Artifacts;
using Workflow.Dashboard.SearchPages;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary>Saved searches and filters, written to the ledger with their line of the audit.</summary>
sealed class SavedFilterActions(HomePaths paths, TimeProvider time) : ISavedFilters
{
    const int LongestName = 60;

    /// <inheritdoc/>
    public Task SaveAsync(string name, string scope, string query, string actor, CancellationToken cancellationToken)
    {
        name = name.Trim();
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            throw new WorkflowException($"A filter needs a name of 1 to {LongestName} characters; this one has {name.Length}.");
        }

        if (!SavedFilter.IsScope(scope))
        {
            throw new WorkflowException($"'{scope}' is no page of this dashboard that filters can be saved for.");
        }

        var clean = SavedFilter.Clean(query) ?? throw new WorkflowException("The filter is too long to be saved: leave some of its words out.");
        if (clean.Length == 0)
        {
            throw new WorkflowException("There is nothing to save yet: fill in a filter or a search first, then save it.");
        }

        return WriteAsync(db =>
        {
            var before = db.Text("SELECT query FROM saved_filter WHERE name=?1", name);
            db.Execute("INSERT INTO saved_filter(name, scope, query, owner, created_us) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(name) DO UPDATE SET scope=excluded.scope, query=excluded.query, owner=excluded.owner, created_us=excluded.created_us",
                name, scope, clean, actor, time.Micros());
            Tell(db, actor, "filter.save", name, before);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, string actor, CancellationToken cancellationToken) => WriteAsync(db =>
    {
        var before = db.Text("SELECT query FROM saved_filter WHERE name=?1", name) ?? throw new WorkflowException($"There is no saved filter '{name}': it may have been deleted meanwhile.");
        db.Execute("DELETE FROM saved_filter WHERE name=?1", name);
        Tell(db, actor, "filter.delete", name, before);
    }, cancellationToken);

    async Task WriteAsync(Action<LedgerConnection> body, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        await ledger.WriteAsync(body, cancellationToken);
    }

    void Tell(LedgerConnection db, string actor, string action, string name, string? before) =>
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, before_json) VALUES (?1, ?2, ?3, ?4, ?5)", time.Micros(), actor, action, name, before is null ? null : System.Text.Json.JsonSerializer.Serialize(new { query = before }));
}
