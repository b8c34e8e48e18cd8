using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.Api;

/// <summary>Acts on nodes and queues.</summary>
static class WorkActsApi
{
    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        var (context, ledger) = (api.Context, api.Context.Ledger);
        Node("requeue", "Makes a stage or partition run again: in its run, or where it has results in a new one", (run, body, actor, http) => ApiRoutes.Given(context.Acts.Nodes).RequeueAsync(run, body.Node, actor, body.Reason ?? "", http.RequestAborted));
        Node("enqueue", "Ends the wait for its next try", async (run, body, actor, http) =>
        {
            await ApiRoutes.Given(context.Acts.Nodes).EnqueueNowAsync(run, body.Node, actor, body.Reason ?? "", http.RequestAborted);
            return run;
        });
        Node("delete", "Cancels it: its work stops, what depends on it is skipped, the rest of the run goes on", async (run, body, actor, http) =>
        {
            await ApiRoutes.Given(context.Acts.Nodes).DeleteAsync(run, body.Node, actor, body.Reason ?? "", http.RequestAborted);
            return run;
        });
        api.Post<PauseBody, QueueItem>("Home", "/queues/{queue}/pause", "Lets nothing new of a queue start, for good or until a time; a reason must be given", async (http, body, actor) =>
        {
            await ApiRoutes.Given(context.Acts.Queues).PauseAsync(Name(http), actor, body.Reason ?? "", body.Until, http.RequestAborted);
            return One(http);
        }, b => b.Reason);
        api.Post<ActBody, QueueItem>("Home", "/queues/{queue}/resume", "Ends the pause of a queue", async (http, body, actor) =>
        {
            await ApiRoutes.Given(context.Acts.Queues).ResumeAsync(Name(http), actor, body.Reason ?? "", http.RequestAborted);
            return One(http);
        }, b => b.Reason);

        QueueItem One(HttpContext http) => QueueItems.Of(ledger.Read(db => QueueRow.All(db, context.Now)).Find(q => q.Name == Name(http))!);

        void Node(string name, string summary, Func<string, NodeBody, string, HttpContext, Task<string>> act) => api.Post<NodeBody, AskedRun>("Jobs", $"/nodes/{name}", summary, async (http, body, actor) =>
        {
            var (run, after) = (ledger.ResolveRun(body.Run), ScheduleApi.Position(ledger));
            return new AskedRun(await act(run, body, actor, http), after);
        }, b => b.Reason, status: StatusCodes.Status202Accepted);
    }

    static string Name(HttpContext http) => (string)http.GetRouteValue("queue")!;
}
