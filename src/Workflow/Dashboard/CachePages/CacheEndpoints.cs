namespace Workflow.Dashboard.CachePages;

/// <summary>Results taken again, and why others were not.</summary>
static class CacheEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
