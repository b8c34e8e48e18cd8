using System.Text.Json;

namespace Workflow.Dashboard.Overview;

/// <summary>What ends, as server-sent events for the real-time graph: first the last two minutes, then at each look what ended since the one before.</summary>
static class RateStream
{
    /// <summary>Streams until the reader leaves or the server stops.</summary>
    public static async Task WriteAsync(HttpContext http, DashboardContext context)
    {
        using var stopping = LiveStream.Begin(http);
        var since = HistoryQueries.HourBefore(context.Now);
        var (recent, last) = context.Ledger.Read(db => (HistoryQueries.Recent(db, context.Now), HistoryQueries.Ended(db, since)));
        await LiveStream.SendAsync(http, JsonSerializer.Serialize(new { reset = true, points = recent }), stopping.Token);
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(context.Options.Refresh, context.Options.Time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var ended = context.Ledger.Read(db => HistoryQueries.Ended(db, since));
            long[] point = [context.Now.ToUnixTimeSeconds(), .. ended.Zip(last, (now, before) => Math.Max(0, now - before))];
            last = ended;
            await LiveStream.SendAsync(http, JsonSerializer.Serialize(new { reset = false, points = new[] { point } }), stopping.Token);
        }
    }
}
