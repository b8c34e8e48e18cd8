using Microsoft.AspNetCore.Routing.Template;
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
        WorkActsApi.Map(api);
        ScheduleApi.Map(api);
        DataApi.Map(api);
        app.MapOpenApi(ApiAddress.Document).Needs(Role.Viewer);

        // What is not there is told as a problem, not as a page.
        app.Map("/api/{**rest}", (HttpContext http, EndpointDataSource endpoints) =>
        {
            var methods = endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => Fits(e, http.Request.Path)).SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Distinct().ToList();
            http.Response.StatusCode = methods.Count > 0 ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
            http.Response.Headers.Allow = methods.Count > 0 ? string.Join(", ", methods) : default;
            return Task.CompletedTask;
        }).ExcludeFromDescription().DisableAntiforgery();
    }

    static bool Fits(RouteEndpoint endpoint, PathString path) => endpoint.RoutePattern.RawText is { } pattern && pattern.StartsWith(ApiAddress.Root + "/", StringComparison.Ordinal)
        && new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(path, []);
}
