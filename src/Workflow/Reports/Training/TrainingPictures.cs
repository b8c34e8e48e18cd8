using Trainer.Training.Watching;
using Workflow.Reports.Svg;

namespace Workflow.Reports.Training;

/// <summary>A picture of a training with its words and its numbers.</summary>
/// <param name="Title">Caption.</param>
/// <param name="Note">How to read it.</param>
/// <param name="Svg">The picture.</param>
/// <param name="Numbers">The numbers behind it.</param>
public sealed record TrainingPicture(string Title, string Note, string Svg, TrainingTable Numbers);

/// <summary>The pictures of a training, the ones without data left out.</summary>
/// <param name="view">The series.</param>
/// <param name="id">Stem of ids, unique on the page.</param>
public sealed class TrainingPictures(TrainingView view, string id)
{
    const int Ridges = 9;
    static readonly string[] CollectionColours = ["s3", "s4", "s5", "s6", "s2", "s1"];
    static readonly string[] Shown = ["learning_rate", "grad_norm", WatchKeys.TrainLoss, WatchKeys.MaskRate, WatchKeys.FullyMaskedRows, WatchKeys.ZeroSparse, WatchKeys.Alignment, WatchKeys.Uniformity, WatchKeys.RandomPairDeviation,
        WatchKeys.InBatchAuc, WatchKeys.HardNegativeAuc, WatchKeys.PositiveCosine, WatchKeys.InBatchCosine, WatchKeys.HardNegativeCosine, WatchKeys.MeanNdcg];

    static readonly Dictionary<string, string> KindColours = new(StringComparer.Ordinal) { ["positive"] = "s3", ["in-batch negative"] = "s1", ["hard negative"] = "s2" };

    /// <summary>What <see cref="Overview"/> shows.</summary>
    public string OverviewTitle => view.Collections.Count > 0 ? "Loss, nDCG@10 and learning rate" : "Loss and learning rate";

    /// <summary>Loss, nDCG@10 and learning rate over one axis: the picture that comes first.</summary>
    /// <param name="width">Width in user units.</param>
    /// <param name="suffix">Told apart from the same picture of another width.</param>
    public string Overview(double width, string suffix) => new TimelineChart($"{id}-overview{suffix}", $"{OverviewTitle} over steps", [.. OverviewPanels(width > 700)], view.Marks) { Width = width }.ToString();

    /// <summary>The numbers of <see cref="Overview"/>.</summary>
    public TrainingTable OverviewNumbers() => Table("Loss, rate and nDCG@10 at evaluations", [WatchKeys.TrainLoss, .. view.Losses, "learning_rate", .. NdcgKeys()]);

    /// <summary>The other pictures.</summary>
    public IEnumerable<TrainingPicture> Others()
    {
        if (view.Collections.Count > 0)
        {
            var panels = new[] { "recall@100", "mrr@10" }
                .Select(m => new TimelinePanel(MetricNames.Metric(m), [.. view.Collections.Select((c, i) => Evaluated($"{c}_{m}", c, CollectionColours[i % 6]))])).Where(p => p.Lines.Any(l => l.Points.Count > 0)).ToList();
            if (panels.Count > 0)
            {
                yield return Timeline("found", "What else the collections say", "Recall@100: is it found at all. MRR@10: how soon.", panels, [.. view.Collections.SelectMany(c => new[] { $"{c}_recall@100", $"{c}_mrr@10" }).Where(view.Has)]);
            }
        }

        if (view.Histograms.Count > 0)
        {
            yield return Ridgeline();
        }

        if (view.Histograms.Any(h => h.Percentiles is not null))
        {
            yield return Fans();
        }

        if (view.Has(WatchKeys.Alignment) && view.Has(WatchKeys.Uniformity))
        {
            yield return Plane();
        }

        List<TimelinePanel> separation =
        [
            new("AUC: a positive above a negative", [Evaluated(WatchKeys.InBatchAuc, "in-batch", "s1"), Evaluated(WatchKeys.HardNegativeAuc, "hard", "s2")]) { Height = 90 },
            new("Deviation of random cosines", [Evaluated(WatchKeys.RandomPairDeviation, "", "s4")]) { Height = 90 },
        ];
        if (view.Has(WatchKeys.InBatchAuc) || view.Has(WatchKeys.RandomPairDeviation))
        {
            yield return Timeline("apart", "Held apart", "AUC 1 is every positive above every negative; 0.5 is chance. Random pairs below a deviation of 0.01 have collapsed.", separation,
                [.. new[] { WatchKeys.InBatchAuc, WatchKeys.HardNegativeAuc, WatchKeys.RandomPairDeviation }.Where(view.Has)]);
        }

        if (Work() is { Count: > 0 } work)
        {
            yield return Timeline("work", "At work", $"The norm of the gradient before clipping, in powers of ten{(view.Has(WatchKeys.MaskRate) ? "; what was masked as a false negative" : "")}.", [.. work.Select(w => w.Panel)], [.. work.Select(w => w.Key)]);
        }

        // Terms of a loss and whatever else was written: nothing measured is left out.
        var rest = view.Keys.Where(k => !Shown.Contains(k) && !view.Losses.Contains(k) && SeriesNames.Collection(k) is null).ToList();
        for (var from = 0; from < rest.Count; from += 4)
        {
            var some = rest.Skip(from).Take(4).ToList();
            yield return Timeline($"more{from}", "Further series", "", [.. some.Select(k => PerStep(k, "s5", 70))], some);
        }
    }

    IEnumerable<TimelinePanel> OverviewPanels(bool wide)
    {
        var raw = view.Series(WatchKeys.TrainLoss);
        var smooth = view.Smooth(WatchKeys.TrainLoss);
        List<TimelineLine> losses = smooth.SequenceEqual(raw) ? [] : [new TimelineLine("", raw, "s1", Faint: true)];
        losses.Add(new TimelineLine("training", smooth, "s1"));
        losses.AddRange(view.Losses.Select((k, i) => Evaluated(k, view.Losses.Count == 1 ? "held-out" : k[..^WatchKeys.LossSuffix.Length], CollectionColours[(4 + i) % 6])));
        yield return new TimelinePanel("Loss", losses) { Height = wide ? 190 : 140 };

        List<TimelineLine> found = [.. view.Collections.Select((c, i) => Evaluated(c + WatchKeys.NdcgSuffix, c, CollectionColours[i % 6]))];
        if (view.Has(WatchKeys.MeanNdcg))
        {
            found.Add(Evaluated(WatchKeys.MeanNdcg, "mean", "s1"));
        }

        var decides = view.Metric == WatchKeys.MeanNdcg || (view.Metric is { } key && SeriesNames.Collection(key)?.Metric == "ndcg@10");
        yield return new TimelinePanel("nDCG@10", found) { Height = wide ? 190 : 150, Ringed = decides && view.Best is { } best ? (best.Step, best.Value, $"best {best.Value:0.000}") : null };
        yield return new TimelinePanel("Learning rate", [new TimelineLine("", view.Series("learning_rate"), "s6")]) { Height = 54, WarmupText = "warm-up ends" };
    }

    TrainingPicture Ridgeline()
    {
        var steps = view.Histograms.Select(h => h.Step).Distinct().Order().ToList();
        var kept = steps.Count <= Ridges ? steps
            : [.. Enumerable.Range(0, Ridges).Select(i => steps[i * (steps.Count - 1) / (Ridges - 1)]).Concat(steps.Where(s => s == view.Best?.Step)).Distinct().Order()];
        // Positives go last: they are the fewest and must not be hidden.
        var rows = kept.Select(s => new RidgeRow($"{(s == view.Best?.Step ? "best " : "")}{s:#,0}",
            [.. view.Histograms.Where(h => h.Step == s).OrderBy(h => h.Kind == WatchKeys.Positive).ThenByDescending(h => h.Kind, StringComparer.Ordinal).Select(h => new HistogramSeries(Kind(h.Kind), h.Counts))], s == view.Best?.Step)).ToList();
        return new TrainingPicture("Cosines, step by step", "Each hill is the share of its own kind. Positives should move right of the negatives; all moving together is a shift.",
            new RidgelineChart($"{id}-ridge", "Cosines of positives and negatives over steps", -1, 1, rows, KindColours).ToString(),
            new TrainingTable("Means of the cosines, with their standard deviation", ["step", "kind", "pairs", "mean", "deviation"],
                [.. view.Histograms.Where(h => kept.Contains(h.Step)).Select(h => (IReadOnlyList<string>)[$"{h.Step:#,0}", Kind(h.Kind), $"{h.Counts.Sum():#,0}", SeriesNames.Value(h.Mean), SeriesNames.Value(h.Deviation)])]));
    }

    TrainingPicture Fans()
    {
        var panels = new[] { WatchKeys.Positive, WatchKeys.HardNegative, WatchKeys.InBatch }
            .Select(kind => new FanPanel(Kind(kind), KindColours[Kind(kind)], [.. view.Histograms.Where(h => h.Kind == kind && h.Percentiles is not null).OrderBy(h => h.Step).Select(h =>
                new FanPoint(h.Step, h.Percentiles!.P1, h.Percentiles.P5, h.Percentiles.P50, h.Percentiles.P95, h.Percentiles.P99))])).Where(p => p.Points.Count > 0).ToList();
        var steps = view.Steps();
        return new TrainingPicture("Where the cosines lie", "The line is the median; the dark band holds 90 % of the pairs, the pale one 98 %.",
            new FanChart($"{id}-fans", "Percentiles of the cosines over steps", panels, view.Marks).ToString(),
            new TrainingTable("Percentiles of the cosines", ["step", "kind", "1 %", "5 %", "50 %", "95 %", "99 %"],
                [.. panels.SelectMany(p => p.Points.Where(x => steps.Contains((long)x.Step)).Select(x => (IReadOnlyList<string>)
                    [$"{x.Step:#,0}", p.Name, SeriesNames.Value(x.P1), SeriesNames.Value(x.P5), SeriesNames.Value(x.P50), SeriesNames.Value(x.P95), SeriesNames.Value(x.P99)]))]));
    }

    TrainingPicture Plane()
    {
        var uniformity = view.Series(WatchKeys.Uniformity).ToDictionary(p => p.Step, p => p.Value);
        var points = view.Series(WatchKeys.Alignment).Where(p => uniformity.ContainsKey(p.Step)).Select(p => new PlanePoint(p.Step, uniformity[p.Step], p.Value)).ToList();
        return new TrainingPicture("Close pairs, even spread", "Lower is closer, further left is more evenly spread; good trainings go down and to the left (Wang and Isola 2020).",
            new PlaneChart($"{id}-plane", "Alignment and uniformity", "uniformity (left: more even)", "alignment (down: closer)", points) { Best = view.Best?.Step }.ToString(),
            Table("Alignment and uniformity", [WatchKeys.Alignment, WatchKeys.Uniformity]));
    }

    List<(string Key, TimelinePanel Panel)> Work()
    {
        var panels = new List<(string, TimelinePanel)>();
        if (view.Has("grad_norm"))
        {
            panels.Add(("grad_norm", PerStep("grad_norm", "s1", 100) with { Logarithmic = true, Title = "Gradient norm" }));
        }

        foreach (var (key, title) in new[] { (WatchKeys.MaskRate, "Masked share of the candidates"), (WatchKeys.FullyMaskedRows, "Rows with every negative masked"), (WatchKeys.ZeroSparse, "Empty sparse vectors, share") })
        {
            if (view.Has(key))
            {
                panels.Add((key, PerStep(key, "s2", 70) with { Title = title }));
            }
        }

        return panels;
    }

    TimelinePanel PerStep(string key, string colour, double height)
    {
        var (raw, smooth) = (view.Series(key), view.Smooth(key));
        List<TimelineLine> lines = smooth.SequenceEqual(raw) ? [] : [new TimelineLine("", raw, colour, Faint: true)];
        lines.Add(new TimelineLine("", smooth, colour));
        return new TimelinePanel(SeriesNames.Of(key), lines) { Height = height };
    }

    TrainingPicture Timeline(string name, string title, string note, IReadOnlyList<TimelinePanel> panels, IReadOnlyList<string> keys) =>
        new(title, note, new TimelineChart($"{id}-{name}", title, panels, view.Marks.Plain with { Phases = [] }).ToString(), Table(title, keys));

    TimelineLine Evaluated(string key, string name, string colour) => new(name, view.Series(key), colour) { Dots = true };

    IEnumerable<string> NdcgKeys() => view.Collections.Select(c => c + WatchKeys.NdcgSuffix).Concat(view.Has(WatchKeys.MeanNdcg) ? [WatchKeys.MeanNdcg] : []);

    TrainingTable Table(string caption, IReadOnlyList<string> keys)
    {
        var shown = keys.Where(view.Has).ToList();
        return new TrainingTable(caption, ["step", .. shown.Select(SeriesNames.Of)],
            [.. view.Steps().Select(s => (IReadOnlyList<string>)[$"{s:#,0}{(s == view.Best?.Step ? " (best)" : "")}", .. shown.Select(k => SeriesNames.Value(view.At(k, s)))])]);
    }

    static string Kind(string kind) => kind switch
    {
        WatchKeys.InBatch => "in-batch negative",
        WatchKeys.HardNegative => "hard negative",
        _ => kind.Replace('_', ' '),
    };
}
