using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Api;
using Workflow.Dashboard.AuditPages;
using Workflow.Dashboard.BulkPages;
using Workflow.Dashboard.CachePages;
using Workflow.Dashboard.DiffPages;
using Workflow.Dashboard.HealthPages;
using Workflow.Dashboard.LineagePages;
using Workflow.Dashboard.Overview;
using Workflow.Dashboard.RunList;
using Workflow.Dashboard.RunPages;
using Workflow.Dashboard.SchedulePages;
using Workflow.Dashboard.SearchPages;
using Workflow.Dashboard.Shell;
using Workflow.Dashboard.StatePages;
using Workflow.Dashboard.StoragePages;
using Workflow.Dashboard.TrainingPages;

namespace Workflow.Dashboard;

/// <summary>The addresses of the dashboard, area by area. Pages are /..., their live parts /live/..., acts are POSTs with an antiforgery token.</summary>
static class DashboardEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/assets/{name}", Asset).AllowAnonymous();
        OverviewEndpoints.Map(app, context);
        StateEndpoints.Map(app, context);
        RunListEndpoints.Map(app, context);
        RunEndpoints.Map(app, context);
        TrainingEndpoints.Map(app, context);
        ScheduleEndpoints.Map(app, context);
        LineageEndpoints.Map(app, context);
        DiffEndpoints.Map(app, context);
        CacheEndpoints.Map(app, context);
        StorageEndpoints.Map(app, context);
        SearchEndpoints.Map(app, context);
        BulkEndpoints.Map(app, context);
        HealthEndpoints.Map(app, context);
        AuditEndpoints.Map(app, context);
        AccessEndpoints.Map(app, context);
        ApiEndpoints.Map(app, context);
        app.MapFallback((HttpContext http) => NotFound("page", http.Request.Path, "/", "Overview"));
    }

    internal static RazorComponentResult Page<TPage>(object parameters, int status = StatusCodes.Status200OK) where TPage : IComponent => new RazorComponentResult<TPage>(parameters) { StatusCode = status };

    internal static RazorComponentResult NotFound(string what, string name, string link, string linkText) =>
        Message("Not found", $"There is no {what} '{name}' in this home.", link, linkText, StatusCodes.Status404NotFound);

    internal static RazorComponentResult Message(string title, string message, string link, string linkText, int status) =>
        Page<MessagePage>(new { Title = title, Message = message, Link = link, LinkText = linkText }, status);

    static IResult Asset(HttpContext http, string name)
    {
        if (!DashboardAssets.All.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Bytes, asset.Type);
    }
}
