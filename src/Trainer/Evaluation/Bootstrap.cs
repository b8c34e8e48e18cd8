using Trainer.Training;

namespace Trainer.Evaluation;

/// <summary>
/// Percentile bootstrap over queries (Efron and Tibshirani 1993, chapter 13). Queries are drawn with replacement from a stream that depends on the seed and the
/// number of queries alone, so systems measured on the same queries are resampled alike.
/// </summary>
public static class Bootstrap
{
    /// <summary>Resamples drawn unless told otherwise.</summary>
    public const int DefaultResamples = 2000;

    /// <summary>Interval of the mean of <paramref name="values"/>.</summary>
    /// <param name="values">One value per query.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="resamples">Number of resamples.</param>
    /// <param name="level">Confidence level.</param>
    public static Interval Mean(ReadOnlySpan<double> values, long seed, int resamples = DefaultResamples, double level = 0.95)
    {
        var mean = Average(values);
        if (values.Length < 2)
        {
            return new Interval(mean, mean, mean);
        }

        var means = new double[resamples];
        var random = new SplitMix64(SplitMix64.Key(seed, "bootstrap"));
        for (var r = 0; r < resamples; r++)
        {
            double sum = 0;
            for (var i = 0; i < values.Length; i++)
            {
                sum += values[random.Below(values.Length)];
            }

            means[r] = sum / values.Length;
        }

        Array.Sort(means);
        return new Interval(mean, Quantile(means, (1 - level) / 2), Quantile(means, (1 + level) / 2));
    }

    /// <summary>Interval of the mean of <paramref name="system"/> minus <paramref name="baseline"/>, query by query.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static Interval PairedDifference(ReadOnlySpan<double> system, ReadOnlySpan<double> baseline, long seed, int resamples = DefaultResamples, double level = 0.95)
    {
        if (system.Length != baseline.Length)
        {
            throw new ArgumentException($"Found {system.Length} and {baseline.Length} values; a paired difference needs the same queries.", nameof(baseline));
        }

        var differences = new double[system.Length];
        for (var i = 0; i < differences.Length; i++)
        {
            differences[i] = system[i] - baseline[i];
        }

        return Mean(differences, seed, resamples, level);
    }

    static double Average(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return values.Length == 0 ? 0 : sum / values.Length;
    }

    // Linear interpolation between order statistics: numpy's default.
    static double Quantile(double[] sorted, double q)
    {
        var at = q * (sorted.Length - 1);
        var low = (int)Math.Floor(at);
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((at - low) * (sorted[high] - sorted[low]));
    }
}
