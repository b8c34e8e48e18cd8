using Trainer.Encoders;

namespace Trainer.Training.Watching;

/// <summary>
/// Watches a training: at every evaluation it measures the held-out loss, the collections and the cosines, looks for alarms, and says what the training must do.
/// Nothing here depends on a clock or a machine.
/// </summary>
public sealed class Watch
{
    readonly WatchJudge _judge;
    readonly CosineProbe? _probe;
    readonly IReadOnlyList<CollectionEvaluator> _collections;

    /// <summary>Prepares watching.</summary>
    /// <param name="options">Policies and thresholds.</param>
    /// <param name="plan">The phase that runs first.</param>
    /// <param name="probe">Measures cosines; null where the objective has no pairs.</param>
    /// <param name="collections">What is searched; may be empty.</param>
    /// <param name="elsewhere">Series that are measured elsewhere and come by <see cref="Judge"/>, the one that decides first; null for none.</param>
    /// <exception cref="TrainerException">Two collections share a name, or a metric is named that none of them gives.</exception>
    public Watch(WatchOptions options, WatchPlan plan, CosineProbe? probe, IReadOnlyList<CollectionEvaluator> collections, IReadOnlyList<string>? elsewhere = null)
    {
        (Plan, _probe, _collections) = (plan, probe, collections);
        if (collections.GroupBy(c => c.Watched.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1 || $"{g.Key}{WatchKeys.NdcgSuffix}" == WatchKeys.MeanNdcg) is { } twice)
        {
            throw new TrainerException($"The watched collection '{twice.Key}' stands {twice.Count()} times; expected names that differ, and none called mean: they name the series.");
        }

        List<string> known = [.. elsewhere ?? [], .. collections.SelectMany(c => Names(c.Watched)), .. collections.Count > 1 ? [WatchKeys.MeanNdcg] : Array.Empty<string>()];
        Metric = options.Metric ?? (elsewhere is [var decides, ..] ? decides : null) ?? (collections.Count == 1 ? collections[0].Watched.Name + WatchKeys.NdcgSuffix : WatchKeys.MeanNdcg);
        foreach (var (key, given) in new[] { ("metric", options.Metric), ("early_stopping.metric", options.EarlyStopping.Metric) })
        {
            if (given is not null && !known.Contains(given))
            {
                throw new TrainerException($"watch.{key} is '{given}', which nothing measures; expected one of {(known.Count == 0 ? "none: no collection is watched" : string.Join(", ", known))}.");
            }
        }

        _judge = new WatchJudge(options, Metric);
    }

    /// <summary>The phase that runs: set it when another begins.</summary>
    public WatchPlan Plan { get; set; }

    /// <summary>All that is remembered: put it into the checkpoint, and set it from there.</summary>
    public WatchState State { get; set; } = new();

    /// <summary>The series by which the best model is chosen.</summary>
    public string Metric { get; }

    /// <summary>What the scheduled learning rate is multiplied with.</summary>
    public double RateFactor => State.RateFactor;

    /// <summary>Measures the model as it is and judges it. The state is changed; the log is not.</summary>
    /// <param name="model">The model.</param>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="log">Series so far: the training loss since the last evaluation is taken from it.</param>
    /// <param name="loss">The training's loss on held-out pairs; null where it has none of pairs.</param>
    /// <param name="parts">More values of this evaluation; they become points of the series.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public WatchVerdict Evaluate(EmbeddingModel model, long step, TrainingLog log, HeldOutLoss? loss, IReadOnlyDictionary<string, double>? parts, CancellationToken cancellationToken)
    {
        var values = new List<(string Key, double? Value)>();
        foreach (var collection in _collections)
        {
            var scores = collection.Measure(model, collection.Watched.HeldOut ? loss : null, cancellationToken);
            values.AddRange(Names(collection.Watched).Zip(new[] { scores.Ndcg, scores.Recall, scores.Mrr, scores.Loss }, (key, value) => (key, value)));
        }

        if (_collections.Count > 1)
        {
            values.Add((WatchKeys.MeanNdcg, values.Where(v => v.Key.EndsWith(WatchKeys.NdcgSuffix, StringComparison.Ordinal)).Average(v => v.Value)));
        }

        var reading = _probe?.Read(model, step, cancellationToken);
        if (reading is not null)
        {
            values.AddRange(Values(reading));
        }

        values.AddRange((parts ?? new Dictionary<string, double>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, (double?)p.Value)));
        return Judge(step, [.. values.Where(v => v.Value is { } value && double.IsFinite(value)).Select(v => new MetricPoint(v.Key, step, v.Value!.Value))], reading?.Histograms ?? [], log);
    }

    /// <summary>Judges what was measured elsewhere, as on another rank.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="points">What was measured at this step.</param>
    /// <param name="histograms">Cosines at this step.</param>
    /// <param name="log">Series so far.</param>
    public WatchVerdict Judge(long step, IReadOnlyList<MetricPoint> points, IReadOnlyList<CosineHistogram> histograms, TrainingLog log)
    {
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var point in points)
        {
            values[point.Key] = point.Value;
        }

        var before = State.Evaluations.Count == 0 ? -1 : State.Evaluations[^1].Step;
        var losses = Newest(log, before);
        if (losses.Count > 0)
        {
            values[WatchKeys.TrainLoss] = losses.Average();
        }

        (State, var alarms, var action, var isBest) = _judge.Judge(State, Plan, new WatchEvaluation(step, values));
        List<TrainingMark> marks =
        [
            .. alarms.Select(a => new TrainingMark(TrainingMarks.Alarm, step, a.Name) { Text = a.Text, Advice = a.Advice }),
            .. action.Kind == WatchActionKind.None ? [] : new[] { new TrainingMark(TrainingMarks.Action, step, action.Name) { Text = action.Reason } },
        ];
        return new WatchVerdict(points, histograms, marks, alarms, action, isBest);
    }

    /// <summary>The mark of the best evaluation, for the end of the series; none where there is none.</summary>
    public IEnumerable<TrainingMark> BestMark() => State.Best is { } best ? [new TrainingMark(TrainingMarks.Best, best.Step, Metric)] : [];

    static string[] Names(WatchCollection collection) =>
        [collection.Name + WatchKeys.NdcgSuffix, collection.Name + "_recall@100", collection.Name + "_mrr@10", .. collection.HeldOut ? [collection.Name + WatchKeys.LossSuffix] : Array.Empty<string>()];

    // From the end: a long series is not gone over at every evaluation.
    static List<double> Newest(TrainingLog log, long after)
    {
        var losses = new List<double>();
        for (var i = log.Points.Count - 1; i >= 0 && log.Points[i].Step > after; i--)
        {
            if (log.Points[i].Key == WatchKeys.TrainLoss && double.IsFinite(log.Points[i].Value))
            {
                losses.Add(log.Points[i].Value);
            }
        }

        losses.Reverse();
        return losses;
    }

    static IEnumerable<(string Key, double? Value)> Values(CosineReading reading)
    {
        yield return (WatchKeys.Alignment, reading.Alignment);
        yield return (WatchKeys.Uniformity, reading.Uniformity);
        yield return (WatchKeys.ZeroSparse, reading.ZeroSparse);
        yield return (WatchKeys.RandomPairDeviation, Math.Min(reading.QueryDeviation, reading.PassageDeviation));
        foreach (var histogram in reading.Histograms)
        {
            switch (histogram.Kind)
            {
                case WatchKeys.Positive:
                    yield return (WatchKeys.PositiveCosine, histogram.Mean);
                    break;
                case WatchKeys.InBatch:
                    yield return (WatchKeys.InBatchCosine, histogram.Mean);
                    yield return (WatchKeys.InBatchAuc, histogram.Auc);
                    break;
                default:
                    yield return (WatchKeys.HardNegativeCosine, histogram.Mean);
                    yield return (WatchKeys.HardNegativeAuc, histogram.Auc);
                    break;
            }
        }
    }
}
