using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.RunPages;

/// <summary>The page of a run, those of its nodes, and what can be done to them.</summary>
static class RunEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/runs/{run}", (string run, string? did, string? stage, string? text, string? follow) => Run(context, run) is { } live
            ? DashboardEndpoints.Page<RunPage>(new { Live = live, Log = Log(context, run, Filter(stage, text, follow)), Did = did ?? "" })
            : DashboardEndpoints.NotFound("run", run, "/runs", "All runs"));
        app.MapGet("/live/runs/{run}", (HttpContext http, string run) => LiveStream.WriteAsync<RunLive>(http, context, () => Run(context, run)));
        app.MapGet("/live/log/{run}", (HttpContext http, string run, string? stage, string? text) => LiveStream.WriteAsync<RunLogLive>(http, context, () => Log(context, run, Filter(stage, text, null))));
        app.MapGet("/runs/{run}/log.txt", async (HttpContext http, string run, string? stage) =>
        {
            if (context.Ledger.Read(db => RunPageQueries.Head(db, run)) is null)
            {
                return DashboardEndpoints.NotFound("run", run, "/runs", "All runs");
            }

            await RunLogText.WriteAsync(http, context, run, stage ?? "");
            return Results.Empty;
        });

        app.MapGet("/runs/{run}/nodes/{**node}", (HttpContext http, string run, string node, long? epoch, string? state, string? did) => Node(context, http, run, node, epoch, state) is { } live
            ? DashboardEndpoints.Page<NodePage>(new { Live = live, Did = did ?? "" })
            : DashboardEndpoints.NotFound("stage", node, Shell.Address.Run(run), "The run"));
        app.MapGet("/live/nodes/{run}/{**node}", (HttpContext http, string run, string node, long? epoch, string? state) => LiveStream.WriteAsync<NodeLive>(http, context, () => Node(context, http, run, node, epoch, state)));
        app.MapGet("/live/metrics/{run}/{**node}", (HttpContext http, string run, string node) => MetricStream.WriteAsync(http, context, run, node));

        Acts.Post(app, context, "/runs/{run}/cancel", Role.Operator, async act =>
        {
            await Runs(context, "cancel", act.Route("run")).CancelAsync(act.Route("run"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"{Shell.Address.Run(act.Route("run"))}?did=cancel";
        });
        Acts.Post(app, context, "/runs/{run}/resume", Role.Operator, async act =>
        {
            await Runs(context, "resume", act.Route("run")).ResumeAsync(act.Route("run"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"{Shell.Address.Run(act.Route("run"))}?did=resume";
        });
        Acts.Post(app, context, "/runs/{run}/restart", Role.Operator, async act =>
        {
            var made = await Runs(context, "resume --from STAGE", act.Route("run")).RestartAsync(act.Route("run"), act.Field("stage"), act.Visitor.Name, act.Reason, act.Cancelled);
            return Shell.Address.Of(Shell.Address.Run(act.Route("run")), ("did", "restart"), ("made", made));
        });
        MapNode(app, context, "requeue", async (nodes, act, run, node) => await nodes.RequeueAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled) is var made && made == run ? Shell.Address.Node(run, node) : Shell.Address.Of(Shell.Address.Run(run), ("did", "restart"), ("made", made)));
        MapNode(app, context, "enqueue", async (nodes, act, run, node) =>
        {
            await nodes.EnqueueNowAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled);
            return Shell.Address.Node(run, node);
        });
        MapNode(app, context, "delete", async (nodes, act, run, node) =>
        {
            await nodes.DeleteAsync(run, node, act.Visitor.Name, act.Reason, act.Cancelled);
            return Shell.Address.Node(run, node);
        });
    }

    static void MapNode(WebApplication app, DashboardContext context, string name, Func<INodeActions, Act, string, string, Task<string>> act) =>
        Acts.Post(app, context, $"/act/{name}/{{run}}/{{**node}}", Role.Operator, async asked =>
        {
            var address = await act(context.Options.Acts.Nodes ?? throw new WorkflowException("This dashboard only shows: no process that serves the home takes acts from it."), asked, asked.Route("run"), asked.Route("node"));
            return address.Contains('?') ? address : $"{address}?did={name}";
        });

    static IRunActions Runs(DashboardContext context, string action, string run) => context.Actions ?? throw new WorkflowException($"This dashboard only shows. On the command line: workflow {action} {run}");

    static LogFilter Filter(string? stage, string? text, string? follow) => new(stage ?? "", (text ?? "").Trim(), follow != "off");

    static Dictionary<string, object?>? Run(DashboardContext context, string run)
    {
        if (context.Ledger.Read(db => RunPageQueries.Run(db, run)) is not { } model)
        {
            return null;
        }

        var (lanes, seconds) = context.Ledger.Read(db => GanttQueries.Lanes(db, model, context.Now));
        return new() { [nameof(RunLive.Model)] = model, [nameof(RunLive.Lanes)] = lanes, [nameof(RunLive.Seconds)] = seconds, [nameof(RunLive.Scores)] = RunScoresReader.Read(context.Paths, model) };
    }

    static Dictionary<string, object?> Log(DashboardContext context, string run, LogFilter filter) => new()
    {
        [nameof(RunLogLive.Lines)] = context.Ledger.Read(db => RunLogQueries.Newest(db, run, filter)),
        [nameof(RunLogLive.Filter)] = filter,
        [nameof(RunLogLive.RunId)] = run,
    };

    static Dictionary<string, object?>? Node(DashboardContext context, HttpContext http, string run, string node, long? epoch, string? state) => context.Ledger.Read(db =>
    {
        if (NodePageQueries.Node(db, run, node, context.Now) is not { } model)
        {
            return null;
        }

        var attempt = model.Attempts.FirstOrDefault(a => a.Epoch == epoch) ?? model.Attempts.FirstOrDefault(_ => true);
        var paging = Paging.Of(http.Request);
        var known = model.PartitionStates.ContainsKey(state ?? "") ? state! : "";
        var (rows, next) = model.Partitions > 0 ? NodePageQueries.Partitions(db, run, model.Stage, known, Cursor.Read(paging.After, "t") is [string after] ? after : null, paging.Size) : ([], null);
        return new Dictionary<string, object?>
        {
            [nameof(NodeLive.Model)] = model,
            [nameof(NodeLive.Attempt)] = attempt,
            [nameof(NodeLive.Log)] = attempt is null ? new List<(DateTimeOffset, string)>() : NodePageQueries.Log(db, attempt.AttemptId),
            [nameof(NodeLive.Partitions)] = new PartitionPage(known, paging, rows, next is null ? null : Cursor.Of(next)),
        };
    });
}
