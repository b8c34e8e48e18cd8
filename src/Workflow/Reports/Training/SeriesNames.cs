using Trainer.Training.Watching;

namespace Workflow.Reports.Training;

/// <summary>How series of a training are written for people.</summary>
public static class SeriesNames
{
    /// <summary>"nfcorpus_ndcg@10" as ("nfcorpus", "ndcg@10"); null for a series that is no collection's.</summary>
    public static (string Collection, string Metric)? Collection(string key)
    {
        foreach (var metric in new[] { "ndcg@10", "recall@100", "mrr@10" })
        {
            if (key.EndsWith("_" + metric, StringComparison.Ordinal))
            {
                return (key[..^(metric.Length + 1)], metric);
            }
        }

        return null;
    }

    /// <summary>A series in words: "nDCG@10 of nfcorpus", "learning rate".</summary>
    public static string Of(string key) => key switch
    {
        WatchKeys.MeanNdcg => "mean nDCG@10",
        WatchKeys.TrainLoss => "training loss",
        "grad_norm" => "gradient norm",
        WatchKeys.InBatchAuc => "AUC against in-batch negatives",
        WatchKeys.HardNegativeAuc => "AUC against hard negatives",
        WatchKeys.RandomPairDeviation => "deviation of random cosines",
        WatchKeys.ZeroSparse => "empty sparse vectors",
        WatchKeys.MaskRate => "masked candidates",
        _ when Collection(key) is { } found => $"{MetricNames.Metric(found.Metric)} of {found.Collection}",
        _ when key.EndsWith(WatchKeys.LossSuffix, StringComparison.Ordinal) => $"loss of {key[..^WatchKeys.LossSuffix.Length]}",
        _ => key.Replace('_', ' '),
    };

    /// <summary>A value: four decimals, or in scientific form where they would not show it.</summary>
    public static string Value(double value) => !double.IsFinite(value) ? "–" : value == 0 || Math.Abs(value) >= 1e-3 ? value.ToString("0.0000").Replace('-', '−') : value.ToString("0.00e0").Replace('-', '−');
}
