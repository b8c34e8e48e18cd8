namespace Trainer.Training.Watching;

/// <summary>Figures of a sample of cosines, all taken from the sample itself.</summary>
public static class CosineStatistics
{
    /// <summary>Counts, mean, deviation and percentiles of a sample.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="kind">positive, in_batch or hard_negative.</param>
    /// <param name="cosines">The sample; it is sorted in place.</param>
    /// <param name="positives">Sorted cosines of the positives, to compare with; null for the positives themselves.</param>
    public static CosineHistogram Histogram(long step, string kind, double[] cosines, double[]? positives = null)
    {
        Array.Sort(cosines);
        var counts = new long[CosineProbe.Bins];
        foreach (var cosine in cosines)
        {
            counts[Math.Clamp((int)((cosine + 1) / 2 * CosineProbe.Bins), 0, CosineProbe.Bins - 1)]++;
        }

        var (mean, deviation) = Moments(cosines);
        return new CosineHistogram(step, kind, mean, deviation, counts)
        {
            Percentiles = cosines.Length == 0 ? null : new(Percentile(cosines, 0.01), Percentile(cosines, 0.05), Percentile(cosines, 0.5), Percentile(cosines, 0.95), Percentile(cosines, 0.99)),
            Auc = positives is null || positives.Length == 0 || cosines.Length == 0 ? null : Auc(positives, cosines),
        };
    }

    /// <summary>Mean and standard deviation (divided by n); zeros for an empty sample.</summary>
    public static (double Mean, double Deviation) Moments(ReadOnlySpan<double> values)
    {
        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        var mean = values.Length == 0 ? 0 : sum / values.Length;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return (mean, values.Length == 0 ? 0 : Math.Sqrt(squares / values.Length));
    }

    /// <summary>A quantile of sorted values, as NumPy's <c>quantile</c> takes it by default.</summary>
    /// <param name="sorted">At least one value, ascending.</param>
    /// <param name="q">0 to 1.</param>
    public static double Percentile(ReadOnlySpan<double> sorted, double q)
    {
        var at = (sorted.Length - 1) * q;
        var low = Math.Clamp((int)Math.Floor(at), 0, sorted.Length - 1);
        var high = Math.Min(low + 1, sorted.Length - 1);
        var (a, b, t) = (sorted[low], sorted[high], at - low);
        // From the nearer end, as NumPy does: the last bits agree.
        return t < 0.5 ? a + ((b - a) * t) : b - ((b - a) * (1 - t));
    }

    /// <summary>Chance that a value of <paramref name="positives"/> is above one of <paramref name="negatives"/>, ties counting a half (Mann and Whitney's U over n·m). Both sorted, neither empty.</summary>
    public static double Auc(ReadOnlySpan<double> positives, ReadOnlySpan<double> negatives)
    {
        long twice = 0;
        int below = 0, upTo = 0;
        foreach (var positive in positives)
        {
            while (below < negatives.Length && negatives[below] < positive)
            {
                below++;
            }

            upTo = Math.Max(upTo, below);
            while (upTo < negatives.Length && negatives[upTo] == positive)
            {
                upTo++;
            }

            twice += below + upTo;
        }

        return twice / 2.0 / ((double)positives.Length * negatives.Length);
    }
}
