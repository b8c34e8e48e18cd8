using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Outside.Health;
using Workflow.Outside.Metrics;

namespace Workflow.Outside;

/// <summary>What machines ask a served home: <c>/metrics</c>, <c>/healthz/live</c>, <c>/healthz/ready</c>.</summary>
static class OutsideEndpoints
{
    /// <summary>Maps them beside the dashboard's pages.</summary>
    /// <param name="app">The server.</param>
    /// <param name="paths">The home.</param>
    /// <param name="ledger">Its ledger, opened for reading.</param>
    /// <param name="pulse">What the process knows of itself; null where it only shows the home.</param>
    public static void Map(IEndpointRouteBuilder app, HomePaths paths, LedgerDb ledger, HostPulse? pulse)
    {
        var home = new HomeMetrics(paths, ledger);
        var health = new HealthChecks(pulse ?? new HostPulse(), ledger.Time);
        app.MapGet("/metrics", () => Results.Text(Metrics(home, pulse), PrometheusText.ContentType));
        app.MapGet("/healthz/live", () => Answer(health.Live())).AllowAnonymous();
        app.MapGet("/healthz/ready", async (CancellationToken cancellationToken) => Answer(await health.ReadyAsync(cancellationToken))).AllowAnonymous();
    }

    static string Metrics(HomeMetrics home, HostPulse? pulse)
    {
        var text = new PrometheusText();
        home.Write(text);
        if (pulse is not null)
        {
            try
            {
                pulse.Tail?.CatchUp();
            }
            catch (ObjectDisposedException)
            {
                // The home is just being let go: what was counted so far is told.
            }

            pulse.History.Write(text);
        }

        if (pulse?.Served is { } served)
        {
            text.Gauge("workflow_dispatcher_turn_age_seconds", "Time since the dispatcher's loop last came round.", served.SinceTick().TotalSeconds);
            text.Gauges("workflow_engine_info", "1; the engine that rings is a label.", [([("engine", served.Engine.Name)], 1)]);
        }

        ProcessMetrics.Write(text);
        return text.ToString();
    }

    static IResult Answer(HealthReport report)
    {
        var body = new JsonObject
        {
            ["status"] = report.Ok ? "ok" : "failing",
            ["checks"] = new JsonObject(report.Checks.Select(c => new KeyValuePair<string, JsonNode?>(c.Name, new JsonObject { ["ok"] = c.Ok, ["detail"] = c.Detail }))),
        };
        return Results.Text(body.ToJsonString(OutsideJson.Serializer), "application/json", statusCode: report.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
