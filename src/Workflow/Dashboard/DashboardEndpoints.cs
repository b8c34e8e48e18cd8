using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;

namespace Workflow.Dashboard;

/// <summary>The addresses of the dashboard, each with what it reads. Pages are /..., their live parts /live/..., actions are POSTs with an antiforgery token.</summary>
static class DashboardEndpoints
{
    static readonly int[] Sizes = [10, 20, 50, 100];

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var db = context.Ledger;
        app.MapGet("/assets/{name}", Asset);
        app.MapGet("/", () => Page<OverviewPage>(new { Live = Overview(context) }));
        app.MapGet("/live/overview", (HttpContext http) => LiveStream.WriteAsync<OverviewLive>(http, context, () => Overview(context)));

        app.MapGet("/runs", (string? state, string? q, int? page, int? size) => Page<RunsPage>(new { Live = Runs(context, Filter(state, q, page, size)) }));
        app.MapGet("/live/runs", (HttpContext http, string? state, string? q, int? page, int? size) => LiveStream.WriteAsync<RunsLive>(http, context, () => Runs(context, Filter(state, q, page, size))));

        app.MapGet("/runs/{run}", (string run, string? did) => db.Read(x => RunPageQueries.Run(x, run)) is { } model
            ? Page<RunPage>(new { Model = model, Did = did ?? "" })
            : NotFound("run", run, "/runs", "All runs"));
        app.MapGet("/live/runs/{run}", (HttpContext http, string run) => LiveStream.WriteAsync<RunLive>(http, context, () => db.Read(x => RunPageQueries.Run(x, run)) is { } model ? new() { ["Model"] = model } : null));

        app.MapGet("/runs/{run}/nodes/{**node}", (string run, string node, long? epoch) => Node(context, run, node, epoch) is { } live
            ? Page<NodePage>(new { Live = live })
            : NotFound("stage", node, $"/runs/{Uri.EscapeDataString(run)}", "The run"));
        app.MapGet("/live/nodes/{run}/{**node}", (HttpContext http, string run, string node, long? epoch) => LiveStream.WriteAsync<NodeLive>(http, context, () => Node(context, run, node, epoch)));
        app.MapGet("/live/metrics/{run}/{**node}", (HttpContext http, string run, string node) => MetricStream.WriteAsync(http, context, run, node));

        app.MapGet("/artifacts/{id}", async (string id, string? dir, string? file, CancellationToken cancellationToken) => await ArtifactAsync(context, id, dir, file, cancellationToken));
        app.MapGet("/artifacts/{id}/report", (HttpContext http, string id) => Report(http, context, id));
        app.MapGet("/health", () => Page<HealthPage>(new { Live = Health(context) }));
        app.MapGet("/live/health", (HttpContext http) => LiveStream.WriteAsync<HealthLive>(http, context, () => Health(context)));

        app.MapPost("/runs/{run}/cancel", (HttpContext http, string run, [FromForm] string? reason) => ActAsync(http, context, run, "cancel", reason ?? ""));
        app.MapPost("/runs/{run}/resume", (HttpContext http, string run, [FromForm] string? reason) => ActAsync(http, context, run, "resume", reason ?? ""));
        ScheduleEndpoints.Map(app, context);
        app.MapFallback((HttpContext http) => NotFound("page", http.Request.Path, "/", "Overview"));
    }

    internal static RazorComponentResult Page<TPage>(object parameters, int status = StatusCodes.Status200OK) where TPage : IComponent => new RazorComponentResult<TPage>(parameters) { StatusCode = status };

    internal static RazorComponentResult NotFound(string what, string name, string link, string linkText) =>
        Message("Not found", $"There is no {what} '{name}' in this home.", link, linkText, StatusCodes.Status404NotFound);

    internal static RazorComponentResult Message(string title, string message, string link, string linkText, int status) =>
        Page<MessagePage>(new { Title = title, Message = message, Link = link, LinkText = linkText }, status);

    static RunFilter Filter(string? state, string? text, int? page, int? size) =>
        new(state ?? "", (text ?? "").Trim(), Math.Clamp(page ?? 1, 1, 100_000), Sizes.Contains(size ?? 0) ? size!.Value : 20);

    static Dictionary<string, object?> Overview(DashboardContext context) => context.Ledger.Read(x => new Dictionary<string, object?>
    {
        [nameof(OverviewLive.Counts)] = RunListQueries.Counts(x),
        [nameof(OverviewLive.Running)] = RunListQueries.Running(x).Where(r => r.State == "running").Take(20).Select(r => RunPageQueries.Run(x, r.RunId)!).ToList(),
        [nameof(OverviewLive.Recent)] = RunListQueries.Page(x, new RunFilter(Size: 10)).Rows,
    });

    static Dictionary<string, object?> Runs(DashboardContext context, RunFilter filter)
    {
        var (rows, more) = context.Ledger.Read(x => RunListQueries.Page(x, filter));
        return new() { [nameof(RunsLive.Rows)] = rows, [nameof(RunsLive.More)] = more, [nameof(RunsLive.Filter)] = filter };
    }

    static Dictionary<string, object?>? Node(DashboardContext context, string run, string node, long? epoch) => context.Ledger.Read(x =>
    {
        if (NodePageQueries.Node(x, run, node) is not { } model)
        {
            return null;
        }

        var attempt = model.Attempts.FirstOrDefault(a => a.Epoch == epoch) ?? model.Attempts.FirstOrDefault(_ => true);
        return new Dictionary<string, object?>
        {
            [nameof(NodeLive.Model)] = model,
            [nameof(NodeLive.Attempt)] = attempt,
            [nameof(NodeLive.Log)] = attempt is null ? new List<(DateTimeOffset, string)>() : NodePageQueries.Log(x, attempt.AttemptId),
        };
    });

    static Dictionary<string, object?> Health(DashboardContext context) => new() { [nameof(HealthLive.Model)] = context.Ledger.Read(x => HealthQueries.Health(x, context.Paths)) };

    static async Task<IResult> ArtifactAsync(DashboardContext context, string id, string? dir, string? file, CancellationToken cancellationToken)
    {
        var up = dir != "down";
        var model = context.Ledger.Read(x => ArtifactQueries.Artifact(x, ArtifactQueries.Resolve(x, id) ?? id));
        if (model is null)
        {
            return NotFound("artifact", id, "/runs", "All runs");
        }

        var member = model.Members.FirstOrDefault(m => m.Name == file) ?? model.Members.FirstOrDefault(m => m.Rows is not null);
        var sample = context.Samples is null || member is null ? null : await context.Samples.ReadAsync(model.Artifact.Kind, member, context.Paths.Blob(member.Hash), 20, cancellationToken);
        var graph = context.Ledger.Read(x => LineageQueries.Around(x, model.Artifact.Id, up));
        return Page<ArtifactPage>(new { Model = model, Graph = graph, Up = up, Sample = sample, SampleFile = member?.Name ?? "" });
    }

    static IResult Report(HttpContext http, DashboardContext context, string id)
    {
        var model = context.Ledger.Read(x => ArtifactQueries.Artifact(x, id));
        var member = model?.Members.FirstOrDefault(m => m.Name.EndsWith(".html", StringComparison.Ordinal));
        if (model is not { Artifact.Kind: "report" } || member is null || !File.Exists(context.Paths.Blob(member.Hash)))
        {
            return NotFound("report", id, "/runs", "All runs");
        }

        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Report;
        return Results.File(context.Paths.Blob(member.Hash), "text/html; charset=utf-8");
    }

    static IResult Asset(HttpContext http, string name)
    {
        if (!DashboardAssets.All.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Bytes, asset.Type);
    }

    static async Task<IResult> ActAsync(HttpContext http, DashboardContext context, string run, string action, string reason)
    {
        var page = $"/runs/{Uri.EscapeDataString(run)}";

        // The form's binder asks for a token; checked here too, so that no change of binding ever drops the check.
        if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
        {
            return Message("Ask again", "The page was too old to act from: the server has been started anew since. Open the run and ask again.", page, "The run", StatusCodes.Status400BadRequest);
        }

        if (context.Actions is null)
        {
            return Message("Only for looking", $"This dashboard only shows. On the command line: workflow {action} {run}", page, "The run", StatusCodes.Status403Forbidden);
        }

        try
        {
            await (action == "cancel" ? context.Actions.CancelAsync(run, "dashboard", reason, http.RequestAborted) : context.Actions.ResumeAsync(run, "dashboard", reason, http.RequestAborted));
            return Results.LocalRedirect($"{page}?did={action}");
        }
        catch (WorkflowException fault)
        {
            return Message($"Could not {action}", fault.Message, page, "The run", StatusCodes.Status409Conflict);
        }
    }
}
