using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.CachePages;

/// <summary>Results taken again, and why others were not.</summary>
static class CacheEndpoints
{
    /// <summary>Spans to choose from, in days.</summary>
    public static IReadOnlyList<int> Spans { get; } = [7, 30, 90];

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/cache", (HttpContext http, int? days, string? show) =>
        {
            var (span, list, paging, now) = (Spans.Contains(days ?? 30) ? days ?? 30 : 30, show is "invalid" or "newest" ? show : "hit", Paging.Of(http.Request), context.Now.Micros());
            return context.Ledger.Read(db => DashboardEndpoints.Page<CachePage>(new
            {
                Stages = CacheQueries.Stages(db, now, span),
                Days = CacheQueries.Days(db, now, span),
                Entries = list switch { "invalid" => CacheQueries.Invalid(db, paging), "newest" => CacheQueries.Newest(db, paging), _ => CacheQueries.MostHit(db, paging) },
                Show = list,
                Span = span,
                Paging = paging,
            }));
        });
        app.MapGet("/cache/why/{run}/{**node}", (string run, string node) => context.Ledger.Read(db => CacheQueries.Why(db, run, node)) is { } why
            ? DashboardEndpoints.Page<CacheWhyPage>(new { Why = why })
            : DashboardEndpoints.NotFound("stage", $"{run}/{node}", "/cache", "The cache"));
    }

    /// <summary>Why a node was computed or reused.</summary>
    public static string WhyAddress(string run, string node) => $"/cache/why{Format.NodeAddress(run, node)["/runs".Length..].Replace("/nodes/", "/", StringComparison.Ordinal)}";
}
