using Workflow.Dashboard.StatePages;

namespace Workflow.Dashboard.Overview;

/// <summary>The first page.</summary>
static class OverviewEndpoints
{
    /// <summary>Maps it.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/", (string? period) => DashboardEndpoints.Page<OverviewPage>(new { Live = Read(context, period, whole: true), Period = period == "week" ? "week" : "" }));
        app.MapGet("/live/overview", (HttpContext http, string? period) => LiveStream.WriteAsync<OverviewLive>(http, context, () => Read(context, period, whole: false)));
        app.MapGet("/live/rates", (HttpContext http) => RateStream.WriteAsync(http, context));
    }

    static Dictionary<string, object?> Read(DashboardContext context, string? period, bool whole) => context.Ledger.Read(db =>
    {
        var (now, counters) = (context.Now, Counters.Read(db));
        return new Dictionary<string, object?>
        {
            [nameof(OverviewLive.Counters)] = counters,
            [nameof(OverviewLive.Week)] = period == "week",

            // The real-time graph goes on by itself: its picture is only sent with the page.
            [nameof(OverviewLive.Recent)] = whole ? HistoryQueries.RecentChart(HistoryQueries.Recent(db, now)) : null,
            [nameof(OverviewLive.History)] = HistoryQueries.Hours(db, now, period == "week"),
            [nameof(OverviewLive.Running)] = OverviewQueries.Running(db, now),
            [nameof(OverviewLive.Concerns)] = ConcernQueries.Read(db, counters, now),
            [nameof(OverviewLive.Fires)] = OverviewQueries.Fires(db),
            [nameof(OverviewLive.Newest)] = OverviewQueries.Newest(db),
        };
    });
}
