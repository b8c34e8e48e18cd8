namespace Workflow.Dashboard.TrainingPages;

/// <summary>Trainings and their curves.</summary>
static class TrainingEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
    }
}
