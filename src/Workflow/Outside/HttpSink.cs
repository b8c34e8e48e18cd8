using System.Net;
using System.Net.Http.Headers;

namespace Workflow.Outside;

/// <summary>Posts messages one by one, each after the one before it was taken. Redirects are not followed: a signed message goes where it was meant to go or nowhere.</summary>
sealed class HttpSink : ISink
{
    /// <summary>Answers that mean this message and not the way to its receiver: others like it may pass.</summary>
    static readonly HttpStatusCode[] Refusals =
    [
        HttpStatusCode.BadRequest, HttpStatusCode.NotAcceptable, HttpStatusCode.Conflict, HttpStatusCode.Gone, HttpStatusCode.LengthRequired, HttpStatusCode.RequestEntityTooLarge,
        HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnprocessableEntity, HttpStatusCode.RequestHeaderFieldsTooLarge,
    ];

    readonly SinkSpec spec;
    readonly TimeProvider time;
    readonly Func<string, string?> environment;
    readonly Action<HttpRequestMessage, OutsideMessage, string?> dress;
    readonly HttpClient client;

    /// <summary>Makes a sender.</summary>
    /// <param name="spec">Address, timeout, names of secrets.</param>
    /// <param name="time">Clock of the timeout.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="dress">Adds headers to a request, given its message and the secret.</param>
    public HttpSink(SinkSpec spec, TimeProvider time, Func<string, string?> environment, Action<HttpRequestMessage, OutsideMessage, string?> dress)
    {
        (this.spec, this.time, this.environment, this.dress) = (spec, time, environment, dress);
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            Proxy = new HttpClientHandlerProxy(),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <inheritdoc/>
    public int Batch => 50;

    /// <inheritdoc/>
    public async Task<Delivery> SendAsync(IReadOnlyList<OutsideMessage> messages, CancellationToken cancellationToken)
    {
        var secret = spec.SecretEnv is null ? null : environment(spec.SecretEnv);
        if (spec.SecretEnv is not null && string.IsNullOrEmpty(secret))
        {
            return new Delivery(0, new SinkFault($"The environment variable {spec.SecretEnv} (secret_env of the sink '{spec.Name}') is not set."));
        }

        var url = spec.Url ?? environment(spec.UrlEnv!);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return new Delivery(0, new SinkFault($"The environment variable {spec.UrlEnv} (url_env of the sink '{spec.Name}') holds no http or https address."));
        }

        for (var i = 0; i < messages.Count; i++)
        {
            if (await PostAsync(address, messages[i], secret, cancellationToken) is { } fault)
            {
                return new Delivery(i, fault with { Message = Redact(fault.Message, secret, spec.Url is null ? url : null) });
            }
        }

        return new Delivery(messages.Count, null);
    }

    async Task<SinkFault?> PostAsync(Uri address, OutsideMessage message, string? secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", message.Key);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("workflow", ProgramVersion.Text));
        using var limit = new CancellationTokenSource(spec.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            dress(request, message, secret);
        }
        catch (FormatException fault)
        {
            return new SinkFault($"The secret in {spec.SecretEnv} cannot be used: {fault.Message}");
        }

        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return response.IsSuccessStatusCode ? null : await FaultAsync(message, response, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SinkFault($"{message.Key}: no answer from {spec.Target} within {spec.Timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return new SinkFault($"{message.Key}: {spec.Target} cannot be reached: {fault.InnerException?.Message ?? fault.Message}");
        }
    }

    async Task<SinkFault> FaultAsync(OutsideMessage message, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const int shown = 200;
        var start = new byte[shown];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(start, shown, throwOnEndOfStream: false, cancellationToken);
        var text = string.Concat(System.Text.Encoding.UTF8.GetString(start, 0, length).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        var retry = response.Headers.RetryAfter;
        return new SinkFault(
            $"{message.Key}: {spec.Target} answered {(int)response.StatusCode} {response.ReasonPhrase}{(text.Length > 0 ? $": {text}" : ".")}",
            Refusals.Contains(response.StatusCode),
            retry?.Delta ?? (retry?.Date is { } date ? date - time.GetUtcNow() : null));
    }

    static string Redact(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (var secret in secrets)
        {
            text = string.IsNullOrEmpty(secret) ? text : text.Replace(secret, "***", StringComparison.Ordinal);
        }

        return text;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The machine's proxy for addresses elsewhere; what is on this machine is reached directly.</summary>
    sealed class HttpClientHandlerProxy : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => HttpClient.DefaultProxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);
    }
}
