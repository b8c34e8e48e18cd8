using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Parts;
using Workflow.Dashboard.Queries;
using Workflow.Schedules;

namespace Workflow.Dashboard;

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
            app.MapPost($"/schedules/{{job}}/{{name}}/{action}", (HttpContext http, string job, string name, [FromForm] string? reason) => ActAsync(http, context, $"{job}/{name}", action, reason ?? ""));
        }
    }

    /// <summary>Local address of a schedule's page.</summary>
    public static string Address(string key) => $"/schedules/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}";

    static Dictionary<string, object?> List(DashboardContext context) => new() { [nameof(SchedulesLive.Rows)] = context.Ledger.Read(db => ScheduleQueries.Schedules(db, withdrawn: false)) };

    static SchedulePageModel? One(DashboardContext context, string key) => context.Ledger.Read(db => SchedulePageQueries.Schedule(db, key, context.Now));

    static async Task<IResult> ActAsync(HttpContext http, DashboardContext context, string key, string action, string reason)
    {
        var page = Address(key);

        // The form's binder asks for a token; checked here too, so that no change of binding ever drops the check.
        if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
        {
            return DashboardEndpoints.Message("Ask again", "The page was too old to act from: the server has been started anew since. Open the schedule and ask again.", page, "The schedule", StatusCodes.Status400BadRequest);
        }

        if (context.Options.Schedules is not { } actions)
        {
            return DashboardEndpoints.Message("Only for looking", $"This dashboard only shows. On the command line: workflow schedule {action} {key}", page, "The schedule", StatusCodes.Status403Forbidden);
        }

        try
        {
            if (action == "trigger")
            {
                var run = await actions.TriggerAsync(key, "dashboard", reason, http.RequestAborted);
                return Results.LocalRedirect($"/runs/{Uri.EscapeDataString(run)}");
            }

            await (action == "pause" ? actions.PauseAsync(key, "dashboard", reason, http.RequestAborted) : actions.ResumeAsync(key, "dashboard", reason, http.RequestAborted));
            return Results.LocalRedirect($"{page}?did={action}");
        }
        catch (WorkflowException fault)
        {
            return DashboardEndpoints.Message($"Could not {action}", fault.Message, page, "The schedule", StatusCodes.Status409Conflict);
        }
    }
}
