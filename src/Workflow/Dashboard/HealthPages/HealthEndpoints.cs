namespace Workflow.Dashboard.HealthPages;

/// <summary>How the home does.</summary>
static class HealthEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/health", () => DashboardEndpoints.Page<HealthPage>(new { Model = Read(context) }));
        app.MapGet("/live/health", (HttpContext http) => LiveStream.WriteAsync<HealthLive>(http, context, () => new() { [nameof(HealthLive.Model)] = Read(context) }));
    }

    static HealthModel Read(DashboardContext context) => context.Ledger.Read(db => HealthQueries.Read(db, context.Paths, context.Now));
}
