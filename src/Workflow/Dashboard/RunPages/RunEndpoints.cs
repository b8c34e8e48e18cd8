using Workflow.Dashboard.Access;
using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.RunPages;

/// <summary>The page of a run, those of its nodes, and what can be done to them.</summary>
static class RunEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var db = context.Ledger;
        app.MapGet("/runs/{run}", (string run, string? did) => db.Read(x => RunPageQueries.Run(x, run)) is { } model
            ? DashboardEndpoints.Page<RunPage>(new { Model = model, Did = did ?? "" })
            : DashboardEndpoints.NotFound("run", run, "/runs", "All runs"));
        app.MapGet("/live/runs/{run}", (HttpContext http, string run) => LiveStream.WriteAsync<RunLive>(http, context, () => db.Read(x => RunPageQueries.Run(x, run)) is { } model ? new() { ["Model"] = model } : null));

        app.MapGet("/runs/{run}/nodes/{**node}", (string run, string node, long? epoch) => Node(context, run, node, epoch) is { } live
            ? DashboardEndpoints.Page<NodePage>(new { Live = live })
            : DashboardEndpoints.NotFound("stage", node, Shell.Address.Run(run), "The run"));
        app.MapGet("/live/nodes/{run}/{**node}", (HttpContext http, string run, string node, long? epoch) => LiveStream.WriteAsync<NodeLive>(http, context, () => Node(context, run, node, epoch)));
        app.MapGet("/live/metrics/{run}/{**node}", (HttpContext http, string run, string node) => MetricStream.WriteAsync(http, context, run, node));

        Acts.Post(app, context, "/runs/{run}/cancel", Role.Operator, async act =>
        {
            await Possible(context, "cancel", act.Route("run")).CancelAsync(act.Route("run"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"{Shell.Address.Run(act.Route("run"))}?did=cancel";
        });
        Acts.Post(app, context, "/runs/{run}/resume", Role.Operator, async act =>
        {
            await Possible(context, "resume", act.Route("run")).ResumeAsync(act.Route("run"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"{Shell.Address.Run(act.Route("run"))}?did=resume";
        });
    }

    static IRunActions Possible(DashboardContext context, string action, string run) => context.Actions ?? throw new WorkflowException($"This dashboard only shows. On the command line: workflow {action} {run}");

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
}
