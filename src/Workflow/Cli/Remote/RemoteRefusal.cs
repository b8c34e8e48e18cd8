using System.Net;
using System.Text.Json;
using Workflow.Dashboard.Api;
using Workflow.Outside;

namespace Workflow.Cli.Remote;

/// <summary>Turns a server's refusal into a message that says what to do.</summary>
static class RemoteRefusal
{
    const int MostBytes = 64 * 1024;

    /// <summary>Throws unless the answer is what was asked for.</summary>
    /// <exception cref="WorkflowException">It is not; the exit code is the one the same fault has here.</exception>
    public static async Task ThrowIfAnyAsync(HttpResponseMessage answer, RemoteAddress server, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var version = Header(answer, ApiAddress.VersionHeader);
        if (Header(answer, ApiAddress.ApiHeader) is not { } api)
        {
            throw new WorkflowException(status is >= 300 and < 400 && answer.Headers.Location is { } elsewhere
                ? $"The server {server} sends elsewhere: {elsewhere}. Give that address if it is yours; redirects are not followed, for the token's sake."
                : $"What answers at {server} (status {status}) has no workflow API: either the address is wrong, or the server is older than this command ({Own}).");
        }

        if (api != ApiAddress.Version)
        {
            throw new WorkflowException($"The server {server} is workflow {version} and speaks version {api} of the API; this command is {Own} and speaks version {ApiAddress.Version}. Use the same version on both sides.");
        }

        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var (detail, code, unknown) = await ProblemAsync(answer, cancellationToken);
        throw status switch
        {
            (int)HttpStatusCode.Unauthorized => new WorkflowException(server.Token is null
                ? $"The server {server} asks who you are: put a token into WORKFLOW_TOKEN, or into a file named with --token-file."
                : $"The server {server} does not know this token: it may be mistyped, expired or withdrawn. An admin makes a new one."),
            (int)HttpStatusCode.Forbidden => new WorkflowException($"The server {server} does not allow it: {detail}"),
            (int)HttpStatusCode.TooManyRequests => new WorkflowException($"The server {server} asks to slow down: {detail}"),
            (int)HttpStatusCode.NotFound when unknown => new WorkflowException($"The server {server} is workflow {version} and does not know this request; this command is {Own}. Use the same version on both sides."),
            >= 500 => new WorkflowException($"The server {server} failed ({status}): {detail}"),
            _ => new WorkflowException(detail, exitCode: code),
        };
    }

    static string Own => ProgramVersion.Text.Split('+')[0];

    static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    static async Task<(string Detail, int Code, bool Unknown)> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var bytes = new byte[MostBytes];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            using var problem = JsonDocument.Parse(bytes.AsMemory(0, length));
            var root = problem.RootElement;
            return (root.GetProperty("detail").GetString()!, root.TryGetProperty("exit_code", out var code) ? code.GetInt32() : 1, root.GetProperty("type").GetString() == ApiAddress.UnknownAddress);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or IOException or HttpRequestException or FormatException)
        {
            return ($"status {(int)answer.StatusCode} {answer.ReasonPhrase}, without a reason.", 1, false);
        }
    }
}
