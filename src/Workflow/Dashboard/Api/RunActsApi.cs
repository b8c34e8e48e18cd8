using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api;

/// <summary>Acts on runs.</summary>
static class RunActsApi
{
    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        const string tag = "Runs";
        var (context, ledger) = (api.Context, api.Context.Ledger);
        api.Post<RunBody, AskedRun>(tag, "/runs", "Runs a job; what is already computed is reused. Follow it with progress", async (http, body, actor) =>
        {
            var after = ScheduleApi.Position(ledger);
            var run = await ApiRoutes.Given(context.Options.Starts).StartAsync(new SentJob(body.Text, body.Name ?? "the job", body.Sets ?? [], body.Priority), actor, body.Reason ?? "", http.RequestAborted);
            http.Response.Headers.Location = $"{ApiAddress.Root}/runs/{run}";
            return new AskedRun(run, after);
        }, b => b.Reason, limit: ApiBody.WithJob, status: StatusCodes.Status202Accepted);
        Act<ActBody>("cancel", "Stops a run; what it committed stays, and resume continues it", b => b.Reason, (run, body, actor, http) => ApiRoutes.Given(context.Actions).CancelAsync(run, actor, body.Reason ?? "", http.RequestAborted));
        Act<ActBody>("resume", "Continues an unfinished, partial, failed or cancelled run under the same id", b => b.Reason, (run, body, actor, http) => ApiRoutes.Given(context.Actions).ResumeAsync(run, actor, body.Reason ?? "", http.RequestAborted));
        Act<PriorityBody>("prioritize", "Gives an unfinished run another priority", b => b.Reason, (run, body, actor, http) => ApiRoutes.Given(context.Actions).PrioritizeAsync(run, body.Priority, actor, body.Reason ?? "", http.RequestAborted));
        api.Post<RestartBody, AskedRun>(tag, "/runs/{run}/restart", "Makes a new run of its job that computes a stage and all that follows it anew", async (http, body, actor) =>
        {
            var (run, after) = (ledger.ResolveRun((string)http.GetRouteValue("run")!), ScheduleApi.Position(ledger));
            return new AskedRun(await ApiRoutes.Given(context.Actions).RestartAsync(run, body.Stage, actor, body.Reason ?? "", http.RequestAborted), after);
        }, b => b.Reason, status: StatusCodes.Status202Accepted);

        void Act<TBody>(string name, string summary, Func<TBody, string?> reason, Func<string, TBody, string, HttpContext, Task> act) where TBody : class =>
            api.Post<TBody, AskedRun>(tag, $"/runs/{{run}}/{name}", summary, async (http, body, actor) =>
            {
                // The full id is the target in the audit, whatever was typed.
                var (run, after) = (ledger.ResolveRun((string)http.GetRouteValue("run")!), ScheduleApi.Position(ledger));
                await act(run, body, actor, http);
                return new AskedRun(run, after);
            }, reason, status: StatusCodes.Status202Accepted);
    }
}
