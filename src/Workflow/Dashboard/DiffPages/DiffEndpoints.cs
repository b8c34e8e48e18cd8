namespace Workflow.Dashboard.DiffPages;

/// <summary>Two runs side by side.</summary>
static class DiffEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
