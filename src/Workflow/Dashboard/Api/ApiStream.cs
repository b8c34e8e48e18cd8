using System.Text;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Dashboard.Api;

/// <summary>Answers that go on while something happens: lines of JSON, or server-sent events where the reader asks for those.</summary>
static class ApiStream
{
    /// <summary>One JSON object a line.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>Server-sent events, each with one JSON object.</summary>
    public const string Events = "text/event-stream";

    static readonly TimeSpan quiet = TimeSpan.FromSeconds(10);

    /// <summary>Writes until the items end, the reader leaves or the server stops.</summary>
    /// <param name="http">The request.</param>
    /// <param name="time">Clock.</param>
    /// <param name="items">What happens; null where nothing did for a while.</param>
    public static async Task WriteAsync<T>(HttpContext http, TimeProvider time, Func<CancellationToken, IAsyncEnumerable<T?>> items) where T : class
    {
        var events = http.Request.Headers.Accept.ToString().Contains(Events, StringComparison.Ordinal);
        http.Response.ContentType = events ? Events : Lines;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var written = time.GetTimestamp();
        try
        {
            await http.Response.StartAsync(stopping.Token);
            await http.Response.Body.FlushAsync(stopping.Token);
            await foreach (var item in items(stopping.Token))
            {
                if (item is null && time.GetElapsedTime(written) < quiet)
                {
                    await http.Response.Body.FlushAsync(stopping.Token);
                    continue;
                }

                var text = item is null ? events ? ":\n\n" : "\n" : events ? $"data: {ApiJson.Text(item)}\n\n" : ApiJson.Text(item) + "\n";
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), stopping.Token);
                written = time.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader left, or the server stops: the stream just ends.
        }
    }
}
