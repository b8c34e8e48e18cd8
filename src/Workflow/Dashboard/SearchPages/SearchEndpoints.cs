using Workflow.Dashboard.Access;
using Workflow.Dashboard.RunList;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.SearchPages;

/// <summary>Search and saved filters.</summary>
static class SearchEndpoints
{
    const int LongestText = 400;

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/search", (string? q, string? scope, string? state, string? after) => Page(context, q ?? "", scope ?? "", state ?? "", after));
        Acts.Post(app, context, "/search/saved", Role.Operator, async act =>
        {
            await Required(context).SaveAsync(act.Field("name"), act.Field("scope"), act.Field("query"), act.Visitor.Name, act.Cancelled);
            return new SavedFilter("", act.Field("scope"), SavedFilter.Clean(act.Field("query"))!, "", default).Address;
        }, reason: false);
        Acts.Post(app, context, "/search/saved/delete", Role.Operator, async act =>
        {
            await Required(context).DeleteAsync(act.Field("name"), act.Visitor.Name, act.Cancelled);
            return Back(act.Field("back"));
        }, reason: false);
    }

    /// <summary>Who saves filters; null where this dashboard is for looking only.</summary>
    public static ISavedFilters? Actions(DashboardContext context) => context.Options.Acts.Filters;

    static IResult Page(DashboardContext context, string text, string scope, string state, string? after)
    {
        text = text.Length > LongestText ? text[..LongestText] : text;
        scope = SearchScope.All.Any(s => s.Name == scope) ? scope : "";
        state = RunFilter.States.Contains(state) ? state : "";
        var groups = text.Trim().Length == 0 ? [] : context.Ledger.Read(db => SearchQueries.Search(db, text, scope, state, after));
        return DashboardEndpoints.Page<SearchPage>(new { Text = text, Scope = scope, State = state, After = after, Groups = groups });
    }

    static ISavedFilters Required(DashboardContext context) => Actions(context) ?? throw new WorkflowException("This dashboard only shows: filters cannot be saved here.");

    // A local path with its query, as our own pages send it; anything else leads to the search.
    static string Back(string address)
    {
        var cut = address.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = cut < 0 ? (address, "") : (address[..cut], address[(cut + 1)..]);
        return path.StartsWith('/') && SavedFilter.IsScope(path[1..]) ? new SavedFilter("", path[1..], SavedFilter.Clean(query) ?? "", "", default).Address : "/search";
    }
}
