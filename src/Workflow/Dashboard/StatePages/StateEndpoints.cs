using Microsoft.AspNetCore.Http.HttpResults;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.StatePages;

/// <summary>Lists of jobs by state, retries, servers, and acts on what is ticked in them: the addresses of Hangfire's dashboard.</summary>
static class StateEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var results = new ActResults(context.Options.Time);
        app.Use(PageTime.Begin);
        app.MapGet("/jobs", () => Results.Redirect("/jobs/enqueued"));
        app.MapGet("/recurring", () => Results.Redirect("/schedules"));
        app.MapGet("/stats", (HttpContext http) => StatsAnswer.Of(http, context));
        app.MapGet("/jobs/enqueued", (string? result) => DashboardEndpoints.Page<QueuesPage>(new { Rows = context.Ledger.Read(db => QueueQueries.All(db, context.Now)), Result = results.Find(result) }));
        app.MapGet("/live/queues", (HttpContext http) => LiveStream.WriteAsync<QueuesLive>(http, context, () => new() { [nameof(QueuesLive.Rows)] = context.Ledger.Read(db => QueueQueries.All(db, context.Now)) }));
        app.MapGet("/servers", () => DashboardEndpoints.Page<ServersPage>(new { Model = Servers(context) }));
        app.MapGet("/live/servers", (HttpContext http) => LiveStream.WriteAsync<ServersLive>(http, context, () => new() { [nameof(ServersLive.Model)] = Servers(context) }));
        foreach (var list in JobList.All)
        {
            var pattern = list.Key switch { "enqueued" => "/jobs/enqueued/{queue}", "fetched" => "/jobs/enqueued/fetched/{queue}", _ => list.Path };
            app.MapGet(pattern, (HttpContext http) => List(http, context, list, results));
            app.MapGet($"/live/jobs/{list.Key}", (HttpContext http) => NewsAsync(http, context, list));
            if (list.Order == JobOrder.Running)
            {
                app.MapGet($"/live/rows/{list.Key}", (HttpContext http) => RowsAsync(http, context, list));
            }
        }

        var acts = new JobActs(context, results);
        foreach (var action in JobActs.Names)
        {
            Acts.Post(app, context, $"/jobs/{action}", Role.Operator, act => acts.DoAsync(act, action));
        }

        Acts.Post(app, context, "/jobs/enqueued/{queue}/pause", Role.Operator, act => PauseAsync(context, act));
        Acts.Post(app, context, "/jobs/enqueued/{queue}/resume", Role.Operator, async act =>
        {
            await Queues(context).ResumeAsync(act.Route("queue"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"/jobs/enqueued/{Uri.EscapeDataString(act.Route("queue"))}";
        });
    }

    static RazorComponentResult List(HttpContext http, DashboardContext context, JobList known, ActResults results)
    {
        var (list, filter) = Asked(http, known);
        if (list.Key == "failed" && http.Request.Query["by"] == "type")
        {
            return DashboardEndpoints.Page<FailureGroupsPage>(new { Total = Counters.Of(http, context).Failed, Groups = context.Ledger.Read(FailureGroups.Read) });
        }

        var paging = Paging.Of(http.Request);
        return context.Ledger.Read(db => DashboardEndpoints.Page<JobListPage>(new
        {
            List = list,
            Filter = filter,
            Paging = paging,
            Page = JobQueries.Page(db, list, filter, paging, context.Now),
            Total = Total(db, list, filter),
            Queues = Counters.QueueNames(db),
            Result = results.Find(http.Request.Query["result"]),
            Pause = list.Order == JobOrder.Queue ? QueueQueries.Pauses(db, context.Now).Find(p => p.Queue == filter.Queue) : null,
            WaitingRuns = list.Key == "scheduled" ? QueueQueries.Waiting(db) : [],
            QueuedRuns = list.Key == "scheduled" ? db.Number("SELECT n FROM run_tally WHERE state='queued'") : 0,
        }));
    }

    static Task NewsAsync(HttpContext http, DashboardContext context, JobList known)
    {
        var (list, filter) = Asked(http, known);
        long? at = long.TryParse(http.Request.Query["at"], out var micros) ? micros : null;
        var count = long.TryParse(http.Request.Query["count"], out var then) ? then : 0;
        var size = Paging.Of(http.Request).Size;
        var query = list.Order == JobOrder.Queue || list.Key == "fetched" ? filter.Query.Where(q => q.Name != "queue") : filter.Query;
        var again = Address.Of(list.Path, [.. query, ("size", size == 20 ? null : size)]);
        return LiveStream.WriteAsync<JobNews>(http, context, () => context.Ledger.Read(db => new Dictionary<string, object?>
        {
            [nameof(JobNews.News)] = at is { } since ? JobQueries.EndedSince(db, list, since) is > 0 and var news ? news : Math.Min(0, Total(db, list, filter) - count) : Total(db, list, filter) - count,
            [nameof(JobNews.Again)] = again,
        }));
    }

    static Task RowsAsync(HttpContext http, DashboardContext context, JobList known)
    {
        var (list, filter) = Asked(http, known);
        var paging = Paging.Of(http.Request);
        var tickable = context.Acts.Nodes is not null && !context.Options.ReadOnly && Visitor.Of(http).May(Role.Operator);
        return LiveStream.WriteAsync<JobTable>(http, context, () => context.Ledger.Read(db => new Dictionary<string, object?>
        {
            [nameof(JobTable.List)] = list,
            [nameof(JobTable.Rows)] = JobQueries.Page(db, list, filter, paging, context.Now).Rows,
            [nameof(JobTable.Tickable)] = tickable,
        }));
    }

    static (JobList List, JobFilter Filter) Asked(HttpContext http, JobList list)
    {
        var filter = JobFilter.Of(http.Request);
        var queue = http.GetRouteValue("queue") as string ?? filter.Queue;
        return list.Key is "enqueued" or "fetched" ? (list.Within(queue), filter with { Queue = queue }) : (list, filter);
    }

    static long Total(LedgerConnection db, JobList list, JobFilter filter) =>
        list.States.Sum(s => filter.Queue.Length > 0 ? QueueQueries.Tally(db, filter.Queue, s) : db.Number("SELECT SUM(n) FROM job_tally WHERE state=?1", s));

    static ServersModel Servers(DashboardContext context) => context.Ledger.Read(db => ServerQueries.Read(db, context.Now));

    static IQueueActions Queues(DashboardContext context) => context.Acts.Queues ?? throw new WorkflowException("This dashboard only shows: it was started without acts on queues.");

    static async Task<string> PauseAsync(DashboardContext context, Act act)
    {
        DateTimeOffset? until = null;
        if (act.Field("until") is { Length: > 0 } text)
        {
            until = DateTime.TryParse(text, out var time) ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : throw new WorkflowException($"Found '{text}' as the end of the pause; expected a time in UTC such as 2026-11-22T18:00.");
        }

        await Queues(context).PauseAsync(act.Route("queue"), act.Visitor.Name, act.Reason, until, act.Cancelled);
        return $"/jobs/enqueued/{Uri.EscapeDataString(act.Route("queue"))}";
    }
}
