namespace Trainer.Training.Watching.Alarms;

/// <summary>The training loss falls and nDCG@10 of a collection falls with it (sentence-transformers issue 2815).</summary>
sealed class LossMetricDivergenceAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.LossMetricDivergence;

    public string Name => "LOSS_METRIC_DIVERGENCE";

    public string Advice => "The loss rewards something that the collection does not ask for. Keep the best model (keep: best), let the rate fall further (final_learning_rate a tenth of learning_rate), "
        + "look at the false-negative audit of the mining, and add pairs whose queries are like the collection's. With loss_metric_divergence: roll_back the training goes back to the best by itself.";

    public string? Look(WatchSeries series, WatchOptions options)
    {
        if (series.Newest(options.Evaluations) is not { } window || Slope.Of([.. window.Select(e => ((double)e.Step, e[WatchKeys.TrainLoss]!.Value))]) >= 0)
        {
            return null;
        }

        var steps = window[^1].Step - window[0].Step;
        var falls = new List<string>();
        foreach (var key in window[^1].Ndcg.Select(v => v.Key).Where(k => window.All(e => e[k] is not null)))
        {
            var slope = Slope.Of([.. window.Select(e => ((double)e.Step, e[key]!.Value))]);
            if (slope < 0 && -slope * steps >= options.MinimumFall)
            {
                falls.Add($"nDCG@10 of {Collection(key)} from {window[0][key]:0.0000} to {window[^1][key]:0.0000}");
            }
        }

        return falls.Count == 0 ? null
            : $"From step {window[0].Step} to {window[^1].Step} the training loss fell from {window[0][WatchKeys.TrainLoss]:0.0000} to {window[^1][WatchKeys.TrainLoss]:0.0000}, and so did {string.Join(" and ", falls)}.";
    }

    internal static string Collection(string key) => key[..^WatchKeys.NdcgSuffix.Length];
}
