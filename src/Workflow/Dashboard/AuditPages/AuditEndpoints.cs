namespace Workflow.Dashboard.AuditPages;

/// <summary>Who did what, and why.</summary>
static class AuditEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
