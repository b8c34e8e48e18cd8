using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Workflow.Dashboard;

/// <summary>A part of a page as server-sent events: the part is rendered again at each look at the ledger and sent when it changed; htmx morphs it into the page.</summary>
static class LiveStream
{
    const int QuietSeconds = 10;

    /// <summary>Streams a component until the reader leaves or the server stops.</summary>
    /// <param name="http">The request.</param>
    /// <param name="context">The dashboard.</param>
    /// <param name="parameters">Reads the ledger; null when what was shown is gone, which ends the stream.</param>
    public static async Task WriteAsync<TComponent>(HttpContext http, DashboardContext context, Func<Dictionary<string, object?>?> parameters) where TComponent : IComponent
    {
        using var stopping = Begin(http);
        var last = "";
        var sent = DateTimeOffset.MinValue;
        await using var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        while (!stopping.IsCancellationRequested && parameters() is { } values)
        {
            var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(values))).ToHtmlString());
            var now = context.Now;
            if (html != last || now - sent > TimeSpan.FromSeconds(QuietSeconds))
            {
                await SendAsync(http, $"{html}\n<p class=\"asof\">As of <time datetime=\"{now:O}\">{Format.Time(now)}</time> UTC</p>", stopping.Token);
                (last, sent) = (html, now);
            }

            await Task.Delay(context.Options.Refresh, context.Options.Time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sets the headers of an event stream; the returned source is cancelled when the reader leaves or the server stops.</summary>
    public static CancellationTokenSource Begin(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }

    /// <summary>Sends one event.</summary>
    public static async Task SendAsync(HttpContext http, string data, CancellationToken cancellationToken)
    {
        var message = new StringBuilder();
        foreach (var line in data.ReplaceLineEndings("\n").Split('\n'))
        {
            message.Append("data: ").Append(line).Append('\n');
        }

        try
        {
            await http.Response.WriteAsync(message.Append('\n').ToString(), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The reader left or the server stops: the loop above ends.
        }
    }
}
