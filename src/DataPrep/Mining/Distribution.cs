namespace DataPrep.Mining;

/// <summary>A distribution of scores in a few numbers; percentiles interpolate linearly, the deviation divides by n - 1. All are 0 where there is nothing.</summary>
public sealed record Distribution(long Count, double Mean, double Median, double StandardDeviation, double Min, double Max, double Percentile25, double Percentile75)
{
    /// <summary>The distribution of some values.</summary>
    public static Distribution Of(IEnumerable<double> values)
    {
        var sorted = values.ToArray();
        if (sorted.Length == 0)
        {
            return new Distribution(0, 0, 0, 0, 0, 0, 0, 0);
        }

        Array.Sort(sorted);
        var mean = sorted.Average();
        var deviation = sorted.Length == 1 ? 0 : Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / (sorted.Length - 1));
        return new Distribution(sorted.Length, mean, At(sorted, 0.5), deviation, sorted[0], sorted[^1], At(sorted, 0.25), At(sorted, 0.75));
    }

    static double At(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
