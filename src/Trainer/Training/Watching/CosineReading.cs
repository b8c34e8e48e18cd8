namespace Trainer.Training.Watching;

/// <summary>How a sample of training rows lies on the unit sphere.</summary>
/// <param name="Histograms">Cosines of positives, in-batch negatives and, where there are, hard negatives.</param>
/// <param name="Alignment">Mean squared distance of a query and its positive, E‖x − y‖² (Wang and Isola 2020); lower is closer.</param>
/// <param name="Uniformity">log E exp(−2‖x − y‖²) over pairs of one side, the mean of both sides (Wang and Isola 2020); lower is more even, −4 about the best. NaN below two texts a side.</param>
/// <param name="QueryDeviation">Standard deviation of the cosines of pairs of different queries; NaN below two.</param>
/// <param name="PassageDeviation">The same of passages of different clusters.</param>
public sealed record CosineReading(IReadOnlyList<CosineHistogram> Histograms, double Alignment, double Uniformity, double QueryDeviation, double PassageDeviation)
{
    /// <summary>Share of the sample's queries and passages whose sparse vector has no weight; null where the encoder gives none.</summary>
    public double? ZeroSparse { get; init; }
}
