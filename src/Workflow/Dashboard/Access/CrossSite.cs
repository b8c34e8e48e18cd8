namespace Workflow.Dashboard.Access;

/// <summary>Tells requests that a page of another site made its reader's browser send.</summary>
static class CrossSite
{
    /// <summary>Whether a method is meant to change nothing.</summary>
    public static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Whether a request that may change something comes from another site. Browsers always say where a POST comes from; programs that are no browsers say nothing and carry nobody's cookies unasked.</summary>
    public static bool Refuses(HttpRequest request)
    {
        if (IsSafe(request.Method))
        {
            return false;
        }

        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return site is not ("same-origin" or "none");
        }

        return request.Headers.Origin.ToString() is { Length: > 0 } origin && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
