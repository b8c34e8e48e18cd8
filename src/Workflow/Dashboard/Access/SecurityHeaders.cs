namespace Workflow.Dashboard.Access;

/// <summary>Answers local requests only where nobody signs in, and tells browsers to run and load nothing but what this program serves.</summary>
static class SecurityHeaders
{
    /// <summary>Policy of the dashboard's own pages: no inline script or style at all.</summary>
    const string Pages = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Policy of a published report: its own style, nothing else, in an origin of its own.</summary>
    public const string Report = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    /// <summary>Adds the checks and headers to every request.</summary>
    /// <param name="app">The server.</param>
    /// <param name="open">Whether everyone who reaches it is an admin: then a name that another site resolves to this machine must not reach it.</param>
    public static void Use(WebApplication app, bool open) => app.Use(async (context, next) =>
    {
        var local = DashboardAddress.IsLocal(context.Request.Host.Host);
        if (open && !local)
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            await context.Response.WriteAsync("This dashboard answers under 127.0.0.1, ::1 or localhost only.\n", context.RequestAborted);
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Pages;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-store";
        if (context.Request.IsHttps && !local)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        await next(context);
    });
}
