using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>Trainings and their curves.</summary>
static class TrainingEndpoints
{
    const int MostRows = 100;

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/training", (HttpContext http) => DashboardEndpoints.Page<TrainingsPage>(new { Live = List(context, Asked(http)) }));
        app.MapGet("/live/training", (HttpContext http) => LiveStream.WriteAsync<TrainingsLive>(http, context, () => List(context, Asked(http))));
        app.MapGet("/training/{run}/{**node}", (HttpContext http, string run, string node) => Model(context, run, node) is { } model
            ? DashboardEndpoints.Page<TrainingPage>(new { Model = model, With = With(http) })
            : DashboardEndpoints.NotFound("training", $"{run}/{node}", "/training", "All trainings"));
        app.MapGet("/live/training/{run}/{**node}", (HttpContext http, string run, string node) =>
            LiveStream.WriteAsync<TrainingLive>(http, context, () => Model(context, run, node) is { } model ? new() { [nameof(TrainingLive.Model)] = model } : null));
        app.MapGet("/live/curves/{run}/{**node}", (HttpContext http, string run, string node) => TrainingStream.WriteAsync(http, context, Sources(context, http, run, node)));
        app.MapGet("/live/points/{run}/{**node}", (HttpContext http, string run, string node, long from, long until) =>
            TrainingStream.Finer(context, Sources(context, http, run, node), [.. http.Request.Query["id"].OfType<string>()], from, until));
    }

    // A row has a curve of its own to read: a hundred of them are a page.
    static Paging Asked(HttpContext http) => Paging.Of(http.Request) is var paging && paging.Size > MostRows ? paging with { Size = MostRows } : paging;

    /// <summary>Trainings to compare with, as <c>RUN/NODE</c>.</summary>
    static IReadOnlyList<string> With(HttpContext http) => [.. http.Request.Query["with"].OfType<string>().Where(w => w.Length > 0).Take(CurveSet.MostSources)];

    static IReadOnlyList<CurveSource> Sources(DashboardContext context, HttpContext http, string run, string node) =>
        CurveSet.Sources(context.Ledger.Read(db => TrainingPageQueries.Computed(db, run, node)), node, With(http));

    static TrainingModel? Model(DashboardContext context, string run, string node) => context.Ledger.Read(db => TrainingPageQueries.Training(db, run, node));

    static Dictionary<string, object?> List(DashboardContext context, Paging paging) => context.Ledger.Read(db =>
    {
        var (rows, next) = TrainingListQueries.Page(db, paging);
        return new Dictionary<string, object?>
        {
            [nameof(TrainingsLive.Running)] = paging.After is null ? TrainingListQueries.Running(db) : [],
            [nameof(TrainingsLive.Rows)] = rows,
            [nameof(TrainingsLive.Paging)] = paging,
            [nameof(TrainingsLive.Next)] = next,
        };
    });
}
