using Workflow.Dashboard.Access;
using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;
using Workflow.Dashboard.Shell;
using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>The addresses of schedules: /schedules, /schedules/JOB/NAME, and their actions.</summary>
static class ScheduleEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/schedules", () => DashboardEndpoints.Page<SchedulesPage>(new { Live = List(context) }));
        app.MapGet("/live/schedules", (HttpContext http) => LiveStream.WriteAsync<SchedulesLive>(http, context, () => List(context)));
        app.MapGet("/schedules/{job}/{name}", (string job, string name, string? did) => One(context, $"{job}/{name}") is { } model
            ? DashboardEndpoints.Page<SchedulePage>(new { Model = model, Did = did ?? "" })
            : DashboardEndpoints.NotFound("schedule", $"{job}/{name}", "/schedules", "All schedules"));
        app.MapGet("/live/schedules/{job}/{name}", (HttpContext http, string job, string name) =>
            LiveStream.WriteAsync<ScheduleLive>(http, context, () => One(context, $"{job}/{name}") is { } model ? new() { [nameof(ScheduleLive.Model)] = model } : null));
        foreach (var action in (string[])["pause", "resume", "trigger"])
        {
            Acts.Post(app, context, $"/schedules/{{job}}/{{name}}/{action}", Role.Operator, act => ActAsync(context, act, action));
        }
    }

    /// <summary>Local address of a schedule's page.</summary>
    public static string Address(string key) => $"/schedules/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}";

    static Dictionary<string, object?> List(DashboardContext context) => new() { [nameof(SchedulesLive.Rows)] = context.Ledger.Read(db => ScheduleQueries.Schedules(db, withdrawn: false)) };

    static SchedulePageModel? One(DashboardContext context, string key) => context.Ledger.Read(db => SchedulePageQueries.Schedule(db, key, context.Now));

    static async Task<string> ActAsync(DashboardContext context, Act act, string action)
    {
        var key = $"{act.Route("job")}/{act.Route("name")}";
        var actions = context.Options.Schedules ?? throw new WorkflowException($"This dashboard only shows. On the command line: workflow schedule {action} {key}");
        if (action == "trigger")
        {
            return Shell.Address.Run(await actions.TriggerAsync(key, act.Visitor.Name, act.Reason, act.Cancelled));
        }

        await (action == "pause" ? actions.PauseAsync(key, act.Visitor.Name, act.Reason, null, act.Cancelled) : actions.ResumeAsync(key, act.Visitor.Name, act.Reason, act.Cancelled));
        return $"{Address(key)}?did={action}";
    }
}
