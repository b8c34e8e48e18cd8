using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;
using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>
/// The addresses of schedules: /schedules, /schedules/JOB/NAME and their acts. The list posts its ticked rows to /schedules/act: <c>key</c> (repeated), <c>act</c> (trigger, pause, resume, remove),
/// <c>reason</c>, for a pause <c>until</c>, for a removal <c>sure=yes</c> (without it the answer asks).
/// </summary>
static class ScheduleEndpoints
{
    static readonly string[] Done = ["trigger", "pause", "resume", "remove"];

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/schedules", (HttpRequest request, string? did, int? n) => DashboardEndpoints.Page<SchedulesPage>(new { Filter = ScheduleFilter.Of(request), Live = List(context, request), Did = Did(did, n) }));
        app.MapGet("/live/schedules", (HttpContext http) => LiveStream.WriteAsync<SchedulesLive>(http, context, () => List(context, http.Request)));
        app.MapGet("/schedules/{job}/{name}", (string job, string name, string? did) => One(context, $"{job}/{name}") is { } model
            ? DashboardEndpoints.Page<SchedulePage>(new { Model = model, Did = did ?? "" })
            : DashboardEndpoints.NotFound("schedule", $"{job}/{name}", "/schedules", "All schedules"));
        app.MapGet("/live/schedules/{job}/{name}", (HttpContext http, string job, string name) =>
            LiveStream.WriteAsync<ScheduleLive>(http, context, () => One(context, $"{job}/{name}") is { } model ? new() { [nameof(ScheduleLive.Model)] = model } : null));
        foreach (var action in (string[])[.. Done, "backfill"])
        {
            Acts.Post(app, context, $"/schedules/{{job}}/{{name}}/{action}", Role.Operator, act => ActAsync(context, act, action));
        }

        Acts.Show(app, context, "/schedules/act", Role.Operator, act => ManyAsync(context, act));
    }

    /// <summary>Local address of a schedule's page.</summary>
    public static string Address(string key) => $"/schedules/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}";

    static Dictionary<string, object?> List(DashboardContext context, HttpRequest request) => context.Ledger.Read(db =>
    {
        var filter = ScheduleFilter.Of(request);
        var (rows, next) = SchedulePageQueries.Page(db, filter);
        return new Dictionary<string, object?>
        {
            [nameof(SchedulesLive.Rows)] = rows,
            [nameof(SchedulesLive.Next)] = next,
            [nameof(SchedulesLive.Filter)] = filter,
            [nameof(SchedulesLive.Total)] = SchedulePageQueries.Count(db),
        };
    });

    static SchedulePageModel? One(DashboardContext context, string key) => context.Ledger.Read(db => SchedulePageQueries.Schedule(db, key, context.Now));

    static string Did(string? did, int? n) => !Done.Contains(did) ? "" : (did, n ?? 1) switch
    {
        ("trigger", 1) => "One run was made.",
        ("trigger", var many) => $"{many} runs were made.",
        ("pause", var many) => $"{many} paused.",
        ("resume", var many) => $"{many} resumed: they go on from now.",
        (_, var many) => $"{many} removed; their history stays. A schedule of a served job file comes back with the file.",
    };

    static IScheduleActions Actions(DashboardContext context, string action, string key) =>
        context.Acts.Schedules ?? throw new WorkflowException($"This dashboard only shows. On the command line: workflow schedule {action} {key}");

    static async Task<string> ActAsync(DashboardContext context, Act act, string action)
    {
        var key = $"{act.Route("job")}/{act.Route("name")}";
        var actions = Actions(context, action, key);
        if (action == "backfill")
        {
            var zone = ZoneClock.Of(context.Ledger.Read(db => ScheduleRows.Find(db, key))?.Zone ?? "UTC");
            var parallel = int.TryParse(act.Field("parallel"), out var given) ? given : 1;
            await actions.BackfillAsync(key, Time(act, "from", zone), Time(act, "to", zone), parallel, act.Visitor.Name, act.Reason, act.Cancelled);
            return $"{Address(key)}?did=backfill";
        }

        return await OneAsync(context, act, action, key) is { } run ? Shell.Address.Run(run) : action == "remove" ? "/schedules?did=remove&n=1" : $"{Address(key)}?did={action}";
    }

    static DateTimeOffset Time(Act act, string field, ZoneClock zone) =>
        ZonedTime.Parse(act.Field(field).Replace('T', ' '), zone) ?? ZonedTime.Parse(act.Field(field), zone) ?? throw new WorkflowException($"{field}: found '{act.Field(field)}'; expected {ZonedTime.Expected}.");

    /// <summary>Does one act to one schedule; the run it made, or null.</summary>
    static async Task<string?> OneAsync(DashboardContext context, Act act, string action, string key)
    {
        var (actions, actor) = (Actions(context, action, key), act.Visitor.Name);
        switch (action)
        {
            case "trigger":
                return await actions.TriggerAsync(key, actor, act.Reason, act.Cancelled);
            case "pause":
                var zone = ZoneClock.Of(context.Ledger.Read(db => ScheduleRows.Find(db, key))?.Zone ?? "UTC");
                await actions.PauseAsync(key, actor, act.Reason, PauseEnd.Parse(act.Field("until"), zone, context.Now, "until"), act.Cancelled);
                return null;
            case "resume":
                await actions.ResumeAsync(key, actor, act.Reason, act.Cancelled);
                return null;
            default:
                await actions.RemoveAsync(key, actor, act.Reason, act.Cancelled);
                return null;
        }
    }

    /// <summary>Does one act to every ticked schedule; what could not be done is told, the rest is done.</summary>
    static async Task<IResult> ManyAsync(DashboardContext context, Act act)
    {
        var action = act.Field("act");
        string[] keys = [.. act.Form["key"].Where(k => k is { Length: > 0 }).Select(k => k!).Distinct()];
        if (!Done.Contains(action) || keys.Length == 0)
        {
            throw new WorkflowException(keys.Length == 0 ? "No schedule was ticked: tick one or more in the list first." : $"Found act '{action}'; expected {string.Join(", ", Done)}.");
        }

        if (action == "remove" && act.Field("sure") != "yes")
        {
            return DashboardEndpoints.Page<ScheduleRemovalPage>(new { Keys = keys, act.Reason });
        }

        var faults = new List<string>();
        foreach (var key in keys)
        {
            try
            {
                await OneAsync(context, act, action, key);
            }
            catch (WorkflowException fault)
            {
                faults.Add(fault.Message);
            }
        }

        return faults.Count == 0
            ? Acts.SeeOther(act.Http, Shell.Address.Of("/schedules", ("did", action), ("n", keys.Length), ("q", act.Field("q")), ("state", act.Field("shown"))))
            : throw new WorkflowException($"{keys.Length - faults.Count} of {keys.Length} done. {string.Join(" ", faults.Distinct().Take(10))}");
    }
}
