using Workflow.Dashboard.Access;

namespace Workflow.Dashboard.Api;

/// <summary>The JSON API: reads and acts with the same roles as the pages, and a document that tells them all.</summary>
static class ApiEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var api = new ApiRoutes(app.MapGroup(ApiAddress.Root), context);
        HomeApi.Map(api);
        RunApi.Map(api);
        RunActsApi.Map(api);
        JobApi.Map(api);
        ScheduleApi.Map(api);
        DataApi.Map(api);
        app.MapOpenApi(ApiAddress.Document).Needs(Role.Viewer);

        // What is not there is told as a problem, not as a page.
        app.Map("/api/{**rest}", (HttpContext http) =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }).ExcludeFromDescription().DisableAntiforgery();
    }
}
