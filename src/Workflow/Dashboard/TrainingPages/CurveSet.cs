using Workflow.Dashboard.RunPages;
using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>A training whose curves are drawn.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Node">Its stage.</param>
/// <param name="Label">What tells its curves apart from those of another; empty for the training of the page.</param>
public sealed record CurveSource(string Run, string Node, string Label);

/// <summary>A curve of a panel.</summary>
/// <param name="Id">Number of its source and its key: <c>0:train_loss</c>.</param>
/// <param name="Label">Its name.</param>
/// <param name="Series">Its series.</param>
public sealed record Curve(string Id, string Label, long Series);

/// <summary>The curves of one or several trainings, panel by panel.</summary>
public static class CurveSet
{
    /// <summary>Trainings that are compared at most.</summary>
    public const int MostSources = 4;

    /// <summary>The sources of a page: the training itself and those named <c>RUN/NODE</c>.</summary>
    public static IReadOnlyList<CurveSource> Sources(string run, string node, IEnumerable<string> with) =>
        [new CurveSource(run, node, ""), .. with.Select(w => w.Split('/', 2)).Where(w => w.Length == 2 && (w[0], w[1]) != (run, node)).DistinctBy(w => (w[0], w[1])).Take(MostSources - 1).Select(w => new CurveSource(w[0], w[1], Format.Short(w[0])))];

    /// <summary>Panels with their curves.</summary>
    internal static List<(CurvePanel Panel, List<Curve> Curves)> Panels(LedgerConnection db, IReadOnlyList<CurveSource> sources)
    {
        var series = sources.Select((s, i) => (Source: s, Index: i, Series: MetricQueries.Series(db, s.Run, s.Node))).ToList();
        return CurvePanel.Of(series.SelectMany(s => s.Series).Select(s => s.Key).Where(k => !k.StartsWith("cosine/", StringComparison.Ordinal))).Select(panel => (panel, panel.Keys.SelectMany(key => series
            .Where(s => s.Series.Exists(x => x.Key == key)).Select(s => new Curve($"{s.Index}:{key}", Label(key, panel, s.Source), s.Series.Find(x => x.Key == key)!.Id))).ToList())).ToList();
    }

    /// <summary>A panel as a picture without scripts.</summary>
    internal static string Picture(LedgerConnection db, string id, CurvePanel panel, IReadOnlyList<Curve> curves, StepMarks marks, double width)
    {
        var lines = curves.Select((c, i) => new TimelineLine(c.Label, MetricQueries.Points(db, c.Series, -1, 400), $"s{(i % 6) + 1}") { Dots = true }).ToList();
        var drawn = new TimelinePanel("", lines) { Height = 170 };
        return new TimelineChart(id, panel.Title, [drawn], marks) { Width = width }.ToString();
    }

    static string Label(string key, CurvePanel panel, CurveSource source)
    {
        var name = panel.Keys.Count == 1 && source.Label.Length > 0 ? "" : CurvePanel.Name(key);
        return source.Label.Length == 0 ? name : name.Length == 0 ? $"run {source.Label}" : $"{name}, run {source.Label}";
    }
}
