using System.Text.Json;
using System.Text.Json.Nodes;
using Workflow.Dashboard.RunPages;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>Curves as JSON: as server-sent events, first all of them, then what is new; and finer points of a stretch that a person looks into.</summary>
static class TrainingStream
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Streams until the reader leaves or the server stops.</summary>
    public static async Task WriteAsync(HttpContext http, DashboardContext context, IReadOnlyList<CurveSource> sources)
    {
        using var stopping = LiveStream.Begin(http);
        var known = new Dictionary<long, long>();
        var marked = "";
        while (!stopping.IsCancellationRequested)
        {
            var curves = context.Ledger.Read(db => sources.SelectMany((s, i) => MetricQueries.Series(db, s.Run, s.Node).Where(x => !x.Key.StartsWith("cosine/", StringComparison.Ordinal)).Select(x => (Id: $"{i}:{x.Key}", Series: x))).ToList());
            var reset = known.Count == 0 || curves.Exists(c => known.TryGetValue(c.Series.Id, out var step) && c.Series.LastStep < step);
            if (reset)
            {
                known.Clear();
            }

            var news = curves.Where(c => c.Series.LastStep > known.GetValueOrDefault(c.Series.Id, long.MinValue)).Select(c => new
            {
                id = c.Id,
                points = context.Ledger.Read(db => Points(MetricQueries.Points(db, c.Series.Id, known.GetValueOrDefault(c.Series.Id, -1)))),
            }).ToList();
            curves.ForEach(c => known[c.Series.Id] = c.Series.LastStep);
            var marks = context.Ledger.Read(db => TrainingStory.Read(db, sources[0].Run, sources[0].Node, NodePageQueries.Checkpoints(db, sources[0].Run, sources[0].Node))).Marks;
            var told = JsonSerializer.Serialize(new
            {
                phases = marks.Phases,
                warmups = marks.WarmupEnds,
                alarms = marks.Flags,
                resumes = marks.Resumes,
                checkpoints = marks.Checkpoints,
                best = marks.Best,
            }, Json);
            await LiveStream.SendAsync(http, JsonSerializer.Serialize(new { reset, series = news, marks = told == marked ? null : JsonNode.Parse(told) }, Json), stopping.Token);
            marked = told;
            await Task.Delay(context.Options.Refresh, context.Options.Time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Points of some curves between two steps.</summary>
    public static IResult Finer(DashboardContext context, IReadOnlyList<CurveSource> sources, IReadOnlyList<string> ids, long from, long until) => Results.Json(new
    {
        series = context.Ledger.Read(db => sources.SelectMany((s, i) => MetricQueries.Series(db, s.Run, s.Node).Select(x => (Id: $"{i}:{x.Key}", x.Id))).Where(c => ids.Contains(c.Item1)).ToList()
            .Select(c => new { id = c.Item1, points = Points(MetricQueries.Points(db, c.Item2, from - 1, until: until)) }).ToList()),
    }, Json);

    static List<double?[]> Points(IReadOnlyList<(double Step, double Value)> points) => [.. points.Select(p => new[] { p.Step, double.IsFinite(p.Value) ? p.Value : (double?)null })];
}
