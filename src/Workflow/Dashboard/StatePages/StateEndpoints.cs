namespace Workflow.Dashboard.StatePages;

/// <summary>Jobs by state, queues, retries and servers.</summary>
static class StateEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
