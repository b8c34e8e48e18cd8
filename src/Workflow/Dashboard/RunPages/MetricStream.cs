using System.Text.Json;

namespace Workflow.Dashboard.RunPages;

/// <summary>Metric series of a node as server-sent events: first all of them (thinned), then what is new. A series that was wound back by a resumed attempt is sent anew.</summary>
static class MetricStream
{
    const int MostPoints = 2_000;

    /// <summary>Streams until the reader leaves or the server stops.</summary>
    public static async Task WriteAsync(HttpContext http, DashboardContext context, string run, string node)
    {
        using var stopping = LiveStream.Begin(http);
        var known = new Dictionary<long, long>();
        while (!stopping.IsCancellationRequested)
        {
            var series = context.Ledger.Read(db => MetricQueries.Series(db, run, node));
            var reset = known.Count == 0 || series.Any(s => known.TryGetValue(s.Id, out var step) && s.LastStep < step);
            if (reset)
            {
                known.Clear();
            }

            var news = series.Where(s => s.LastStep > known.GetValueOrDefault(s.Id, -1)).Select(s => new
            {
                key = s.Key,
                points = context.Ledger.Read(db => MetricQueries.Points(db, s.Id, known.GetValueOrDefault(s.Id, -1), MostPoints)).Select(p => new[] { p.Step, double.IsFinite(p.Value) ? p.Value : (double?)null }).ToList(),
            }).ToList();
            if (news.Count > 0)
            {
                await LiveStream.SendAsync(http, JsonSerializer.Serialize(new { reset, series = news }), stopping.Token);
                series.ForEach(s => known[s.Id] = s.LastStep);
            }
            else
            {
                await LiveStream.SendAsync(http, "{}", stopping.Token);
            }

            await Task.Delay(context.Options.Refresh, context.Options.Time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
