using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Workflow.Dashboard.Api;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Outside;

namespace Workflow.Cli.Remote;

/// <summary>Asks a server's API. Certificates are checked as the system checks them, redirects are not followed: a token goes where it was meant to go and nowhere else.</summary>
/// <param name="address">Where, and with which token.</param>
/// <param name="time">Clock of the time limits.</param>
sealed class RemoteServer(RemoteAddress address, TimeProvider time) : IDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromSeconds(100);

    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15), AutomaticDecompression = DecompressionMethods.All })
    {
        BaseAddress = new Uri(address.Base, ApiAddress.Relative + "/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Its address as people write it.</summary>
    public string Name => address.ToString();

    /// <summary>Reads.</summary>
    /// <param name="path">Below <c>/api/v1/</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WorkflowException">It could not be reached, or refused.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => JsonAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Acts.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken) => JsonAsync<T>(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>Reads a stream of lines, each one value; empty lines only say that the server is there.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async IAsyncEnumerable<T> LinesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, patience, cancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await LineAsync(reader, cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Parse<T>(line);
            }
        }
    }

    /// <summary>Reads a text.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, patience, cancellationToken);
        return await BodyAsync(answer, cancellationToken);
    }

    /// <summary>A segment of a path.</summary>
    public static string Segment(string text) => Uri.EscapeDataString(text);

    public void Dispose() => http.Dispose();

    async Task<T> JsonAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, patience, cancellationToken);
        return Parse<T>(await BodyAsync(answer, cancellationToken));
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("workflow", ProgramVersion.Text.Split('+')[0]));
        request.Headers.Add(ApiAddress.RequestHeader, "command line");
        if (address.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body, body.GetType(), ApiJson.Answers), Encoding.UTF8, "application/json");
        }

        using var limited = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, cancellationToken);
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (HttpRequestException fault)
        {
            throw Unreachable(fault);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkflowException($"The server {Name} did not answer within {limit.TotalSeconds:0} s. Is it overloaded, or is something else listening there?");
        }

        try
        {
            await RemoteRefusal.ThrowIfAnyAsync(answer, address, cancellationToken);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    WorkflowException Unreachable(HttpRequestException fault)
    {
        var cause = fault.GetBaseException().Message.TrimEnd('.');
        return fault.InnerException is AuthenticationException
            ? new WorkflowException($"The server {Name} is not trusted: {cause}. Its certificate must be valid for this name and signed by an authority this machine trusts (SSL_CERT_FILE names further ones).", inner: fault)
            : new WorkflowException($"The server {Name} cannot be reached: {cause}. Is `workflow serve` running there, and is the address right?", inner: fault);
    }

    async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw Lost(fault);
        }
    }

    async Task<string?> LineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw Lost(fault);
        }
    }

    WorkflowException Lost(Exception fault) => new($"The connection to {Name} was lost: {fault.GetBaseException().Message.TrimEnd('.')}. What runs there goes on.", inner: fault);

    T Parse<T>(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, ApiJson.Answers) ?? throw new JsonException("null");
        }
        catch (JsonException fault)
        {
            throw new WorkflowException($"The server {Name} gave an answer that this command does not understand ({fault.Message}). Use the same version of `workflow` on both sides: this one is {ProgramVersion.Text.Split('+')[0]}.", inner: fault);
        }
    }
}
