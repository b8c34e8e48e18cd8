namespace Workflow.Dashboard.Access;

/// <summary>Signing in and out, accounts.</summary>
static class AccessEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
