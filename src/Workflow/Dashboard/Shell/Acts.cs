using Microsoft.AspNetCore.Antiforgery;
using Workflow.Dashboard.Access;

namespace Workflow.Dashboard.Shell;

/// <summary>What an act is given.</summary>
/// <param name="Http">The request.</param>
/// <param name="Form">Its form.</param>
/// <param name="Visitor">Who acts.</param>
/// <param name="Reason">Why, in their words.</param>
sealed record Act(HttpContext Http, IFormCollection Form, Visitor Visitor, string Reason)
{
    /// <summary>Ends when the visitor leaves.</summary>
    public CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>A value of the route.</summary>
    public string Route(string name) => (string)Http.GetRouteValue(name)!;

    /// <summary>A field of the form; empty where it is missing.</summary>
    public string Field(string name) => Form[name].ToString().Trim();
}

/// <summary>Maps acts: POSTs of forms that carry an antiforgery token and, unless said otherwise, a reason. Each answers with the page to go to.</summary>
static class Acts
{
    const int LongestReason = 400;

    /// <summary>Maps an act.</summary>
    /// <param name="app">The server.</param>
    /// <param name="context">The dashboard.</param>
    /// <param name="pattern">Address.</param>
    /// <param name="role">Who may.</param>
    /// <param name="act">Does it and gives the local address to go to; a <see cref="WorkflowException"/> is shown with its message and status 409.</param>
    /// <param name="reason">Whether a reason must be given.</param>
    public static void Post(WebApplication app, DashboardContext context, string pattern, Role role, Func<Act, Task<string>> act, bool reason = true) =>
        Show(app, context, pattern, role, async given => SeeOther(given.Http, await act(given)), reason);

    /// <summary>Maps an act that answers with a page of its own, for what is shown once.</summary>
    /// <inheritdoc cref="Post"/>
    public static void Show(WebApplication app, DashboardContext context, string pattern, Role role, Func<Act, Task<IResult>> act, bool reason = true) =>
        app.MapPost(pattern, (Delegate)((HttpContext http) => AnswerAsync(http, context, act, reason))).Needs(role).DisableAntiforgery();

    /// <summary>Sends the visitor on to another page.</summary>
    public static IResult SeeOther(HttpContext http, string address)
    {
        http.Response.Headers.Location = address;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    static async Task<IResult> AnswerAsync(HttpContext http, DashboardContext context, Func<Act, Task<IResult>> act, bool reasonNeeded)
    {
        var back = Back(http);
        if (!http.Request.HasFormContentType)
        {
            return DashboardEndpoints.Message("Not a form", "Acts of this dashboard are forms of its pages; programs use the API under /api.", back, "Back", StatusCodes.Status415UnsupportedMediaType);
        }

        if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
        {
            return DashboardEndpoints.Message("Ask again", "The page was too old to act from, or the request came from elsewhere. Open the page again and ask again.", back, "Back", StatusCodes.Status400BadRequest);
        }

        if (context.Options.ReadOnly)
        {
            return DashboardEndpoints.Message("Only for looking", "This dashboard only shows; acts are possible on the command line.", back, "Back", StatusCodes.Status403Forbidden);
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var reason = form["reason"].ToString().Trim();
        if (reasonNeeded && reason.Length == 0)
        {
            return DashboardEndpoints.Message("A reason is missing", "Say in a few words why: the audit keeps it for whoever asks later.", back, "Back", StatusCodes.Status400BadRequest);
        }

        try
        {
            return await act(new Act(http, form, Visitor.Of(http), reason.Length > LongestReason ? reason[..LongestReason] : reason));
        }
        catch (WorkflowException fault)
        {
            return DashboardEndpoints.Message("It could not be done", fault.Message, back, "Back", StatusCodes.Status409Conflict);
        }
    }

    // The page that asked, where it is one of ours.
    static string Back(HttpContext http)
    {
        if (!Uri.TryCreate(http.Request.Headers.Referer.ToString(), UriKind.Absolute, out var from) || from.Authority != http.Request.Host.Value)
        {
            return "/";
        }

        return new PathString(from.AbsolutePath).StartsWithSegments(http.Request.PathBase, out var rest) ? (rest.HasValue ? rest.Value : "/") + from.Query : "/";
    }
}
