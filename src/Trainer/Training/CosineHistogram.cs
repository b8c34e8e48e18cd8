using System.Text.Json.Serialization;

namespace Trainer.Training;

/// <summary>Cosines of query and passage at one step, counted in equal bins from -1 to 1.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Kind">positive, in_batch or hard_negative.</param>
/// <param name="Mean">Mean cosine.</param>
/// <param name="Deviation">Standard deviation over the sample (divided by n).</param>
/// <param name="Counts">Pairs per bin.</param>
public sealed record CosineHistogram(long Step, string Kind, double Mean, double Deviation, IReadOnlyList<long> Counts)
{
    /// <summary>Percentiles of the sample itself, not of its bins; null in files of older trainings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CosinePercentiles? Percentiles { get; init; }

    /// <summary>Chance that a positive of the sample has the higher cosine than one of these (area under the ROC curve, ties count a half); null for the positives themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Auc { get; init; }
}
