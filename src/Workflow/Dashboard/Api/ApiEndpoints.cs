namespace Workflow.Dashboard.Api;

/// <summary>The JSON API.</summary>
static class ApiEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
