using System.Text.Json.Serialization;

namespace Trainer.Training.Watching;

/// <summary>What one evaluation measured.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Values">Values by name of the series; finite ones only.</param>
public sealed record WatchEvaluation(long Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>A value; null where it was not measured.</summary>
    [JsonIgnore]
    public double? this[string key] => Values.TryGetValue(key, out var value) ? value : null;

    /// <summary>nDCG@10 of every collection, by name of the series.</summary>
    [JsonIgnore]
    public IEnumerable<KeyValuePair<string, double>> Ndcg =>
        Values.Where(v => v.Key.EndsWith(WatchKeys.NdcgSuffix, StringComparison.Ordinal) && v.Key != WatchKeys.MeanNdcg).OrderBy(v => v.Key, StringComparer.Ordinal);
}
