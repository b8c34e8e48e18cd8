using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;

namespace Workflow.Dashboard.Overview;

/// <summary>The first page.</summary>
static class OverviewEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/", () => DashboardEndpoints.Page<OverviewPage>(new { Live = Read(context) }));
        app.MapGet("/live/overview", (HttpContext http) => LiveStream.WriteAsync<OverviewLive>(http, context, () => Read(context)));
    }

    static Dictionary<string, object?> Read(DashboardContext context) => context.Ledger.Read(x => new Dictionary<string, object?>
    {
        [nameof(OverviewLive.Counts)] = RunListQueries.Counts(x),
        [nameof(OverviewLive.Running)] = RunListQueries.Running(x).Where(r => r.State == "running").Take(20).Select(r => RunPageQueries.Run(x, r.RunId)!).ToList(),
        [nameof(OverviewLive.Recent)] = RunListQueries.Page(x, new RunFilter(Size: 10)).Rows,
    });
}
