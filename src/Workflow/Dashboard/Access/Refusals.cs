using Workflow.Dashboard.Api;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.Access;

/// <summary>How a request that is not let past is answered: people get a page, programs of the API problem details, others a line of text.</summary>
static class Refusals
{
    /// <summary>Asks to sign in: a page that was asked for is come back to afterwards.</summary>
    public static async Task SignInAsync(HttpContext http)
    {
        if (HttpMethods.IsGet(http.Request.Method) && WantsPage(http))
        {
            http.Response.Redirect(http.Request.PathBase + Address.Of("/sign-in", ("return", LocalAddress.Of(http.Request.Path + http.Request.QueryString) is { } page and not "/" ? page : null)));
            return;
        }

        await WriteAsync(http, StatusCodes.Status401Unauthorized, "Not signed in", "Sign in at /sign-in, or give a token: Authorization: Bearer TOKEN (`workflow account token NAME` makes one).");
    }

    /// <summary>Refuses.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string title, string message)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (http.Request.Path.StartsWithSegments("/api"))
        {
            await ApiProblem.Of(status, message).WriteAsync(http);
        }
        else if (WantsPage(http))
        {
            await DashboardEndpoints.Page<RefusalPage>(new { Title = title, Message = message, SignIn = status == StatusCodes.Status401Unauthorized }, status).ExecuteAsync(http);
        }
        else
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync($"{title}. {message}\n", http.RequestAborted);
        }
    }

    static bool WantsPage(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
