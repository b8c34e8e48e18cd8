namespace Workflow.Dashboard.SearchPages;

/// <summary>Search and saved filters.</summary>
static class SearchEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
