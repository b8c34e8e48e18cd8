using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Dashboard.Api;

/// <summary>Reads the body of an act.</summary>
static class ApiBody
{
    /// <summary>Bytes of a body that is no job.</summary>
    public const int Small = 64 * 1024;

    /// <summary>Bytes of a body with a job file in it.</summary>
    public const int WithJob = (2 << 20) + Small;

    /// <summary>Refuses what a page of another site could have sent: acts without a bearer token carry a header that such a page cannot set.</summary>
    /// <exception cref="ApiFault">It is not there.</exception>
    public static void RefuseCrossSite(HttpContext http)
    {
        var request = http.Request;
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            throw new ApiFault(StatusCodes.Status403Forbidden, "This act was sent by a page of another site; only this server's own pages and programs may act.");
        }

        if (Visitor.Of(http).Way != "token" && request.Headers[ApiAddress.RequestHeader].Count == 0)
        {
            throw new ApiFault(StatusCodes.Status403Forbidden, $"Acts without a bearer token carry the header '{ApiAddress.RequestHeader}', with any value: a page of another site cannot send it.");
        }
    }

    /// <summary>The body.</summary>
    /// <exception cref="ApiFault">It is no JSON, or not what is expected.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, int limit)
    {
        if (!http.Request.HasJsonContentType())
        {
            throw new ApiFault(StatusCodes.Status415UnsupportedMediaType, "Acts take a JSON body: send it with 'Content-Type: application/json'.", exitCode: 2);
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, ApiJson.Requests, http.RequestAborted) ?? throw new JsonException("Found null; expected an object.");
        }
        catch (JsonException fault)
        {
            var at = fault.Path is { Length: > 2 } path ? path[2..] : "";
            var keys = ApiJson.Requests.GetTypeInfo(typeof(T)).Properties.Select(p => p.Name).ToList();
            throw ApiFault.Unfit(fault.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"The body has a key '{at}' that means nothing here; expected {string.Join(", ", keys)}."
                : fault.Message.Contains("missing required", StringComparison.Ordinal) ? $"The body lacks a key; expected {string.Join(", ", keys)}."
                : $"The body cannot be read{(at.Length > 0 ? $" at '{at}'" : "")}: {fault.Message.Split(" Path:")[0]}");
        }
    }
}
