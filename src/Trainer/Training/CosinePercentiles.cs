namespace Trainer.Training;

/// <summary>Percentiles of a sample, between neighbouring values in a straight line (NumPy's default, Hyndman and Fan's seventh definition).</summary>
/// <param name="P1">1st percentile.</param>
/// <param name="P5">5th.</param>
/// <param name="P50">Median.</param>
/// <param name="P95">95th.</param>
/// <param name="P99">99th.</param>
public sealed record CosinePercentiles(double P1, double P5, double P50, double P95, double P99);
