using Workflow.Ledger;

namespace Workflow.Dashboard.SearchPages;

/// <summary>A search or the filter of a list, under a name.</summary>
/// <param name="Name">Its name, one of a kind in the home.</param>
/// <param name="Scope">The page it is for, without the leading slash: search, runs, jobs/failed.</param>
/// <param name="Query">What stands behind the question mark of the address.</param>
/// <param name="Owner">Who saved it.</param>
/// <param name="Created">When.</param>
public sealed record SavedFilter(string Name, string Scope, string Query, string Owner, DateTimeOffset Created)
{
    const int LongestQuery = 2000;

    /// <summary>Where it leads.</summary>
    public string Address => Query.Length == 0 ? $"/{Scope}" : $"/{Scope}?{Query}";

    /// <summary>Whether a page may have filters: letters, digits, '-' and '_' between slashes, so that the address stays in this dashboard.</summary>
    public static bool IsScope(string scope) => scope.Length is > 0 and <= 100 && scope.Split('/').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    /// <summary>A query as it is saved: without where in the list one stood, and without fields left empty. Null where it is too long.</summary>
    public static string? Clean(string query)
    {
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query).Where(f => f.Key is not ("after" or "page" or "did" or "saved") && f.Value.ToString().Length > 0)
            .OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, (object?)f.Value.ToString()));
        var clean = Shell.Address.Of("", [.. fields]).TrimStart('?');
        return clean.Length > LongestQuery ? null : clean;
    }

    /// <summary>All of a page, or of all pages, by name.</summary>
    internal static List<SavedFilter> All(LedgerConnection db, string? scope) => db.Query("SELECT name, scope, query, owner, created_us FROM saved_filter WHERE ?1 IS NULL OR scope=?1 ORDER BY name LIMIT 200",
        r => new SavedFilter(r.Text(0), r.Text(1), r.Text(2), r.Text(3), LedgerTime.FromMicros(r.Number(4))), scope);
}
