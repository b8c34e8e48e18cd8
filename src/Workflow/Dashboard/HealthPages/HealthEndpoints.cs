using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;

namespace Workflow.Dashboard.HealthPages;

/// <summary>How the home does.</summary>
static class HealthEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/health", () => DashboardEndpoints.Page<HealthPage>(new { Live = Read(context) }));
        app.MapGet("/live/health", (HttpContext http) => LiveStream.WriteAsync<HealthLive>(http, context, () => Read(context)));
    }

    static Dictionary<string, object?> Read(DashboardContext context) => new() { [nameof(HealthLive.Model)] = context.Ledger.Read(x => HealthQueries.Health(x, context.Paths)) };
}
