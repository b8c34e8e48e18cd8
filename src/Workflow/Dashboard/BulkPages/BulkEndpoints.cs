namespace Workflow.Dashboard.BulkPages;

/// <summary>Acts on all that a filter finds.</summary>
static class BulkEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
