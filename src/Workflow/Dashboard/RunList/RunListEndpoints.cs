
namespace Workflow.Dashboard.RunList;

/// <summary>The list of runs.</summary>
static class RunListEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/runs", (HttpRequest request) => DashboardEndpoints.Page<RunsPage>(new { Live = Read(context, RunFilter.Of(request)) }));
        app.MapGet("/live/runs", (HttpContext http) => LiveStream.WriteAsync<RunsLive>(http, context, () => Read(context, RunFilter.Of(http.Request))));
    }

    static Dictionary<string, object?> Read(DashboardContext context, RunFilter filter) => context.Ledger.Read(db =>
    {
        var (rows, next) = RunListQueries.Page(db, filter);
        return new Dictionary<string, object?>
        {
            [nameof(RunsLive.Rows)] = rows,
            [nameof(RunsLive.Next)] = next,
            [nameof(RunsLive.Filter)] = filter,
            [nameof(RunsLive.Counts)] = RunListQueries.Counts(db),
        };
    });
}
