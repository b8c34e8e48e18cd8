using System.Text.RegularExpressions;
using DataPrep;
using Microsoft.Data.Sqlite;
using Trainer;
using Workflow.Outside;

namespace Workflow.Dashboard.Api;

/// <summary>Around the API, in front of the gate: marks every answer with the API's version, and turns every refusal, the gate's too, into a problem with words.</summary>
static partial class ApiErrors
{
    /// <summary>Adds it.</summary>
    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments("/api"))
        {
            await next(http);
            return;
        }

        http.Response.Headers[ApiAddress.ApiHeader] = ApiAddress.Version;
        http.Response.Headers[ApiAddress.VersionHeader] = ProgramVersion.Text;
        try
        {
            await next(http);
        }
        catch (Exception fault) when (!http.Response.HasStarted && Problem(http, fault) is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }

        if (!http.Response.HasStarted && http.Response is { StatusCode: >= 400, ContentType: null })
        {
            await Bare(http).WriteAsync(http);
        }
    });

    static ApiProblem? Problem(HttpContext http, Exception fault)
    {
        var acting = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        return fault switch
        {
            ApiFault refused => ApiProblem.Of(refused.Status, refused.Message, refused.ExitCode),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
            BadHttpRequestException bad => ApiProblem.Of(bad.StatusCode, Words(bad.Message), exitCode: 2),

            // Exit code 2 is "asked wrongly": of a read it names what is not there, of an act it says what cannot be meant so.
            WorkflowException wrong => ApiProblem.Of(wrong.ExitCode == 2 ? acting ? 422 : 404 : 409, wrong.Message, wrong.ExitCode),
            DataPrepException or TrainerException => ApiProblem.Of(acting ? 422 : 409, fault.Message),
            SqliteException { SqliteErrorCode: 5 or 6 } => ApiProblem.Of(503, "The ledger is held by somebody else and could not be read or written in time. Ask again."),
            OperationCanceledException when http.RequestAborted.IsCancellationRequested => null,
            IOException => ApiProblem.Of(503, $"The disk of the home refused: {fault.Message}"),
            _ => Bug(http, fault),
        };
    }

    /// <summary>What no one is to mend by asking otherwise: told in the log, not to whoever asks.</summary>
    static ApiProblem Bug(HttpContext http, Exception fault)
    {
        http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Workflow.Api").LogError(fault, "{Method} {Path}", http.Request.Method, http.Request.Path);
        return ApiProblem.Of(500, "The server failed on this request; its log says where.");
    }

    /// <summary>The framework's words for a parameter it cannot read, in ours.</summary>
    static string Words(string message) => Unread().Match(message) is not { Success: true } match ? message
        : match.Groups["value"].Success
            ? $"{match.Groups["name"].Value}: found '{match.Groups["value"].Value}'; expected {(match.Groups["type"].Value.Contains("bool", StringComparison.OrdinalIgnoreCase) ? "true or false" : "a whole number")}."
            : $"{match.Groups["name"].Value}: is missing; {ApiAddress.Document} says what is expected.";

    [GeneratedRegex("""^(?:Failed to bind parameter|Required parameter) "(?<type>\S+) (?<name>\w+)"(?: from "(?<value>.*)"\.| was not provided)""", RegexOptions.Singleline)]
    private static partial Regex Unread();

    static ApiProblem TooLarge => ApiProblem.Of(413, "The body is too large: a job file has 1 MiB at most, everything else 64 KiB.", exitCode: 2);

    static ApiProblem Bare(HttpContext http) => http.Response.StatusCode switch
    {
        401 => ApiProblem.Of(401, "Say who you are: send a token as 'Authorization: Bearer TOKEN'. An admin makes one."),
        403 => ApiProblem.Of(403, "Your role does not allow this."),
        404 => ApiProblem.Of(404, $"There is nothing at {http.Request.Path}. {ApiAddress.Document} lists what there is.", exitCode: 1, ApiAddress.UnknownAddress),
        405 => ApiProblem.Of(405, $"{http.Request.Method} is not possible at {http.Request.Path}: reads are GET, acts are POST.", exitCode: 1),
        413 => TooLarge,
        415 => ApiProblem.Of(415, "Acts take a JSON body: send it with 'Content-Type: application/json'.", exitCode: 2),
        429 => ApiProblem.Of(429, "Too many requests; wait a little."),
        var status => ApiProblem.Of(status, "The server refused this request."),
    };
}
