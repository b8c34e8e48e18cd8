namespace Workflow.Dashboard.StoragePages;

/// <summary>What lies on disk and what could go.</summary>
static class StorageEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
