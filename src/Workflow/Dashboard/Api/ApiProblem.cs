using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Dashboard.Api;

/// <summary>A refusal as RFC 9457 has it.</summary>
/// <param name="Type">What kind of refusal, as an address in the documentation.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The status, again.</param>
/// <param name="Detail">What was found, what was expected, what to do.</param>
/// <param name="ExitCode">The exit code of a command line that is refused so: 1 failed, 2 asked wrongly.</param>
sealed record ApiProblem(string Type, string Title, int Status, string Detail, int ExitCode)
{
    /// <summary>Its media type.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>A refusal of a status.</summary>
    public static ApiProblem Of(int status, string detail, int exitCode = 1, string? type = null) =>
        new(type ?? $"/docs/api#status-{status}", ReasonPhrases.GetReasonPhrase(status), status, detail, exitCode);

    /// <summary>Answers with it.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = MediaType;
        http.Response.ContentLength = null;
        if (Status == StatusCodes.Status401Unauthorized && http.Response.Headers.WWWAuthenticate.Count == 0)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(this, ApiJson.Answers), http.RequestAborted);
        }
    }
}
