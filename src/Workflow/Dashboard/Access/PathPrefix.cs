namespace Workflow.Dashboard.Access;

/// <summary>Serves the dashboard under a path of a proxy. Pages are written as if it stood at the root; here alone their local addresses, and those that answers point to, are put under the path.</summary>
static class PathPrefix
{
    /// <summary>Adds it. The proxy may pass the path on or take it away.</summary>
    public static void Use(WebApplication app, string prefix)
    {
        if (prefix.Length > 0)
        {
            app.Use((http, next) => UnderAsync(http, next, prefix));
        }
    }

    static async Task UnderAsync(HttpContext http, RequestDelegate next, string prefix)
    {
        if (http.Request.Path.StartsWithSegments(prefix, out var rest))
        {
            http.Request.Path = rest.HasValue ? rest : "/";
        }

        http.Request.PathBase = prefix;
        http.Response.OnStarting(() =>
        {
            if (http.Response.Headers.Location.ToString() is ['/', ..] local && !new PathString(local.Split('?')[0]).StartsWithSegments(prefix))
            {
                http.Response.Headers.Location = prefix + local;
            }

            return Task.CompletedTask;
        });
        var plain = http.Response.Body;
        await using var prefixed = new PrefixedStream(plain, http.Response, prefix);
        http.Response.Body = prefixed;
        try
        {
            await next(http);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
        finally
        {
            http.Response.Body = plain;
        }
    }
}
