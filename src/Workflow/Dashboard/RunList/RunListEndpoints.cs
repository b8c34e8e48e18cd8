using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;

namespace Workflow.Dashboard.RunList;

/// <summary>The list of runs.</summary>
static class RunListEndpoints
{
    static readonly int[] Sizes = [10, 20, 50, 100];

    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/runs", (string? state, string? q, int? page, int? size) => DashboardEndpoints.Page<RunsPage>(new { Live = Read(context, Filter(state, q, page, size)) }));
        app.MapGet("/live/runs", (HttpContext http, string? state, string? q, int? page, int? size) => LiveStream.WriteAsync<RunsLive>(http, context, () => Read(context, Filter(state, q, page, size))));
    }

    static RunFilter Filter(string? state, string? text, int? page, int? size) =>
        new(state ?? "", (text ?? "").Trim(), Math.Clamp(page ?? 1, 1, 100_000), Sizes.Contains(size ?? 0) ? size!.Value : 20);

    static Dictionary<string, object?> Read(DashboardContext context, RunFilter filter)
    {
        var (rows, more) = context.Ledger.Read(x => RunListQueries.Page(x, filter));
        return new() { [nameof(RunsLive.Rows)] = rows, [nameof(RunsLive.More)] = more, [nameof(RunsLive.Filter)] = filter };
    }
}
