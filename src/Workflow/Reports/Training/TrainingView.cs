using Trainer.Training;
using Trainer.Training.Watching;
using Workflow.Reports.Svg;

namespace Workflow.Reports.Training;

/// <summary>The series of a training, put in order for pictures. Everything comes from the files that the model's artifact holds.</summary>
public sealed class TrainingView
{
    const int MostRows = 40;

    readonly TrainingLog _log;
    readonly Dictionary<string, List<(double Step, double Value)>> _series;

    /// <summary>Sorts the series out.</summary>
    public TrainingView(TrainingLog log)
    {
        _log = log;
        _series = log.Points.GroupBy(p => p.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderBy(p => p.Step).Select(p => ((double)p.Step, p.Value)).ToList(), StringComparer.Ordinal);
        Collections = [.. _series.Keys.Where(k => k != WatchKeys.MeanNdcg).Select(SeriesNames.Collection).OfType<(string Collection, string Metric)>().Select(c => c.Collection).Distinct().Order(StringComparer.Ordinal)];
        Losses = [.. _series.Keys.Where(k => k.EndsWith(WatchKeys.LossSuffix, StringComparison.Ordinal) && k != WatchKeys.TrainLoss && _series.ContainsKey(k[..^WatchKeys.LossSuffix.Length] + WatchKeys.NdcgSuffix)).Order(StringComparer.Ordinal)];
        Evaluations = [.. _series.Where(s => SeriesNames.Collection(s.Key) is not null || s.Key is WatchKeys.Alignment or WatchKeys.RandomPairDeviation).SelectMany(s => s.Value).Select(p => (long)p.Step)
            .Concat(log.Histograms.Select(h => h.Step)).Distinct().Order()];
        LastStep = (long)_series.Values.SelectMany(s => s).Select(p => p.Step).DefaultIfEmpty(0).Max();
        var mark = log.Marks.LastOrDefault(m => m.Kind == TrainingMarks.Best);
        Metric = mark?.Name ?? (Has(WatchKeys.MeanNdcg) ? WatchKeys.MeanNdcg : Collections.Count > 0 ? Collections[0] + WatchKeys.NdcgSuffix : null);
        Best = Metric is not null && Series(Metric) is { Count: > 0 } points
            ? mark is not null ? points.FirstOrDefault(p => p.Step == mark.Step, points[^1]) : WatchJudge.LowerIsBetter(Metric) ? points.MinBy(p => p.Value) : points.MaxBy(p => p.Value)
            : null;
        Alarms = ReadAlarms(log);
        Marks = new StepMarks
        {
            Phases = [.. log.Marks.Where(m => m.Kind == TrainingMarks.Phase).Select(m => new StepBand(m.Step, m.Until ?? LastStep, m.Name))],
            WarmupEnds = WarmupEnds(),
            Flags = [.. Alarms.Where(a => a.Number is not null).Select(a => new StepFlag(a.Number!.Value, a.Step, a.Name))],
            Best = Best?.Step,
            Checkpoints = [.. log.Marks.Where(m => m.Kind == TrainingMarks.Checkpoint).Select(m => (double)m.Step)],
        };
    }

    /// <summary>Names of the collections, in ordinal order.</summary>
    public IReadOnlyList<string> Collections { get; }

    /// <summary>Series of held-out losses.</summary>
    public IReadOnlyList<string> Losses { get; }

    /// <summary>Steps of evaluations, ascending.</summary>
    public IReadOnlyList<long> Evaluations { get; }

    /// <summary>The last step.</summary>
    public long LastStep { get; }

    /// <summary>The series that decides which evaluation is best; null where nothing was evaluated.</summary>
    public string? Metric { get; }

    /// <summary>Step and value of the best evaluation.</summary>
    public (double Step, double Value)? Best { get; }

    /// <summary>Alarms in the order told, numbered, and what was done without one.</summary>
    public IReadOnlyList<TrainingAlarm> Alarms { get; }

    /// <summary>What goes through every picture over steps.</summary>
    public StepMarks Marks { get; }

    /// <summary>Names of all series, in ordinal order.</summary>
    public IEnumerable<string> Keys => _series.Keys.Order(StringComparer.Ordinal);

    /// <summary>Histograms in the order taken.</summary>
    public IReadOnlyList<CosineHistogram> Histograms => _log.Histograms;

    /// <summary>Whether there is a series.</summary>
    public bool Has(string key) => _series.ContainsKey(key);

    /// <summary>Points of a series; empty where there is none.</summary>
    public IReadOnlyList<(double Step, double Value)> Series(string key) => _series.TryGetValue(key, out var points) ? points : [];

    /// <summary>A series as a running mean over a fiftieth of its points, so that its way is seen through its noise; short series stay as they are.</summary>
    public IReadOnlyList<(double Step, double Value)> Smooth(string key)
    {
        var points = Series(key).Where(p => double.IsFinite(p.Value)).ToList();
        var half = points.Count / 100;
        if (half < 1)
        {
            return points;
        }

        var sums = new double[points.Count + 1];
        for (var i = 0; i < points.Count; i++)
        {
            sums[i + 1] = sums[i] + points[i].Value;
        }

        return [.. points.Select((p, i) =>
        {
            var (from, to) = (Math.Max(0, i - half), Math.Min(points.Count, i + half + 1));
            return (p.Step, (sums[to] - sums[from]) / (to - from));
        })];
    }

    /// <summary>The value of a series at an evaluation: its mean over the steps since the evaluation before, which for series of evaluations is the value itself.</summary>
    public double At(string key, long step)
    {
        var at = Evaluations.ToList().IndexOf(step);
        var before = at > 0 ? Evaluations[at - 1] : -1;
        return Series(key).Where(p => p.Step > before && p.Step <= step && double.IsFinite(p.Value)).Select(p => p.Value).DefaultIfEmpty(double.NaN).Average();
    }

    /// <summary>Steps that tables show: evaluations (else evenly spaced steps), thinned out, with the first, the best and the last among them.</summary>
    public IReadOnlyList<long> Steps(int most = MostRows)
    {
        var steps = Evaluations.Count > 0 ? Evaluations : [.. Series(WatchKeys.TrainLoss).Select(p => (long)p.Step)];
        if (steps.Count <= most)
        {
            return steps;
        }

        var kept = Enumerable.Range(0, most).Select(i => steps[(int)((long)i * (steps.Count - 1) / (most - 1))]).ToHashSet();
        if (Best is { } best)
        {
            kept.Add((long)best.Step);
        }

        return [.. kept.Order()];
    }

    // Alarms are numbered in the order of their steps; a measure belongs to the alarms of its step.
    static List<TrainingAlarm> ReadAlarms(TrainingLog log)
    {
        var number = 0;
        var actions = log.Marks.Where(m => m.Kind == TrainingMarks.Action).ToList();
        var told = new List<TrainingAlarm>();
        foreach (var mark in log.Marks.Where(m => m.Kind is TrainingMarks.Alarm or TrainingMarks.Action).OrderBy(m => m.Step))
        {
            var named = actions.FirstOrDefault(a => a.Step == mark.Step && (a.Text ?? "").StartsWith(mark.Name, StringComparison.Ordinal));
            if (mark.Kind == TrainingMarks.Alarm)
            {
                told.Add(new TrainingAlarm(++number, mark.Name, mark.Step, mark.Text ?? "", mark.Advice ?? "", named is null ? "" : Done(named.Name)));
            }
            else if (!log.Marks.Any(a => a.Kind == TrainingMarks.Alarm && a.Step == mark.Step && (mark.Text ?? "").StartsWith(a.Name, StringComparison.Ordinal)))
            {
                told.Add(new TrainingAlarm(null, Done(mark.Name), mark.Step, mark.Text ?? "", "", ""));
            }
        }

        return told;
    }

    static string Done(string action) => action switch
    {
        "stop" => "training ended",
        "roll_back" => "rolled back to the best",
        "lower_rate" => "rate lowered",
        _ => action,
    };

    // Trainings from before the marks: where the rate first stands at its highest, if it rose to it.
    double[] WarmupEnds()
    {
        var marked = _log.Marks.Where(m => m.Kind == TrainingMarks.WarmupEnd).Select(m => (double)m.Step).ToArray();
        var rates = Series("learning_rate");
        if (marked.Length > 0 || rates.Count == 0)
        {
            return marked;
        }

        var peak = rates.MaxBy(r => r.Value);
        return peak.Value > rates[0].Value ? [peak.Step] : [];
    }
}
