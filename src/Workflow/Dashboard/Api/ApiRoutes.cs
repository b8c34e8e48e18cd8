using Microsoft.AspNetCore.Mvc;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Dashboard.Api;

/// <summary>What an act takes, for the document. Routing is not told: it would answer a body of another type with a page that is not found.</summary>
/// <param name="Type">The body's shape.</param>
sealed record ApiBodyOf(Type Type);

/// <summary>Maps reads and acts below <see cref="ApiAddress.Root"/> so that the document tells all of them alike.</summary>
/// <param name="api">The group.</param>
/// <param name="context">The dashboard.</param>
sealed class ApiRoutes(RouteGroupBuilder api, DashboardContext context)
{
    const int LongestReason = 400;

    readonly ApiPace pace = new();

    /// <summary>The dashboard.</summary>
    public DashboardContext Context => context;

    /// <summary>Maps a read.</summary>
    /// <param name="tag">The part of the document it stands in.</param>
    /// <param name="pattern">Address.</param>
    /// <param name="summary">What it gives.</param>
    /// <param name="handler">Gives it.</param>
    /// <param name="needs">Who may.</param>
    public RouteHandlerBuilder Get(string tag, string pattern, string summary, Delegate handler, Role needs = Role.Viewer) =>
        Refusals(api.MapGet(pattern, handler), needs).WithTags(tag).WithSummary(summary).WithName(Name("get", pattern)).Needs(needs);

    /// <summary>Maps a read of lines: a stream of JSON objects, one a line, with an empty line now and then while nothing happens.</summary>
    /// <inheritdoc cref="Get"/>
    public RouteHandlerBuilder Stream<TLine>(string tag, string pattern, string summary, Delegate handler) =>
        Get(tag, pattern, summary, handler).WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TLine), [ApiStream.Lines, ApiStream.Events]));

    /// <summary>Maps an act.</summary>
    /// <param name="tag">The part of the document it stands in.</param>
    /// <param name="pattern">Address.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="act">Does it, given the request, its body and the actor's name.</param>
    /// <param name="reason">The reason in a body.</param>
    /// <param name="needs">Who may.</param>
    /// <param name="limit">Bytes of the body at most.</param>
    /// <param name="status">Status of its answer.</param>
    public RouteHandlerBuilder Post<TBody, TAnswer>(string tag, string pattern, string summary, Func<HttpContext, TBody, string, Task<TAnswer>> act, Func<TBody, string?> reason, Role needs = Role.Operator,
        int limit = ApiBody.Small, int status = StatusCodes.Status200OK) where TBody : class =>
        Refusals(api.MapPost(pattern, async Task<IResult> (HttpContext http) =>
        {
            ApiBody.RefuseCrossSite(http);
            if (context.Options.ReadOnly)
            {
                throw new ApiFault(StatusCodes.Status403Forbidden, "This server is for looking only.");
            }

            var visitor = Visitor.Of(http);
            pace.Take(http, visitor.Name);
            var body = await ApiBody.ReadAsync<TBody>(http, limit);
            if (reason(body) is { Length: > LongestReason } text)
            {
                throw ApiFault.Unfit($"reason: found {text.Length} letters; expected {LongestReason} at most.");
            }

            return Results.Json(await act(http, body, visitor.Name), ApiJson.Answers, statusCode: status);
        }), needs).WithTags(tag).WithSummary(summary).WithName(Name("post", pattern)).Needs(needs).DisableAntiforgery()
            .WithMetadata(new ApiBodyOf(typeof(TBody))).Produces<TAnswer>(status)
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, ApiProblem.MediaType).Produces<ApiProblem>(StatusCodes.Status415UnsupportedMediaType, ApiProblem.MediaType)
            .Produces<ApiProblem>(StatusCodes.Status429TooManyRequests, ApiProblem.MediaType)
            .WithMetadata(new RequestSizeLimitAttribute(limit));

    /// <summary>Acts on what is only looked at are refused.</summary>
    /// <exception cref="ApiFault">There is no one to act.</exception>
    public static T Given<T>(T? actions) where T : class => actions ?? throw new ApiFault(StatusCodes.Status403Forbidden, "This server only shows; acts are possible on the command line.");

    static RouteHandlerBuilder Refusals(RouteHandlerBuilder builder, Role needs) => builder
        .Produces<ApiProblem>(StatusCodes.Status401Unauthorized, ApiProblem.MediaType).Produces<ApiProblem>(StatusCodes.Status403Forbidden, ApiProblem.MediaType)
        .Produces<ApiProblem>(StatusCodes.Status404NotFound, ApiProblem.MediaType).Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, ApiProblem.MediaType)
        .WithDescription($"Role: {needs.ToString().ToLowerInvariant()}.");

    /// <summary>A name for programs that make clients of the document: get_runs_run_logs.</summary>
    static string Name(string method, string pattern) =>
        method + string.Concat(pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(s => "_" + s.Trim('{', '}', '*')));
}
