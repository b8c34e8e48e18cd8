using System.Globalization;

namespace Trainer.Training.Optimization;

/// <summary>
/// Rows whose embeddings meet in one loss, by which learning rates are scaled: with gradient caching the whole batch and not the mini-batch, with several processes the gathered
/// one. Gradient accumulation adds no negatives and so does not count.
/// </summary>
/// <param name="Rows">Rows; a mean need not be whole.</param>
/// <param name="Words">What they are, for the log.</param>
public sealed record LogicalBatch(double Rows, string Words)
{
    /// <summary>One batch size.</summary>
    /// <param name="rows">Rows of a process's batch.</param>
    /// <param name="processes">Processes whose embeddings are gathered.</param>
    public static LogicalBatch Of(int rows, int processes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(processes, 1);
        return new((double)rows * processes, processes == 1 ? $"{Count(rows)} rows" : $"{Count((double)rows * processes)} rows, gathered from {processes} processes of {Count(rows)}");
    }

    /// <summary>A batch size per bucket: the mean over the steps.</summary>
    /// <param name="buckets">Rows of a bucket's batch, and how many steps take one.</param>
    /// <param name="processes">Processes whose embeddings are gathered.</param>
    public static LogicalBatch OfBuckets(IReadOnlyList<(int Rows, long Steps)> buckets, int processes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processes, 1);
        var used = buckets.Where(b => b.Steps > 0).ToList();
        if (used.Count == 0)
        {
            throw new ArgumentException("No bucket has a step.", nameof(buckets));
        }

        if (used.All(b => b.Rows == used[0].Rows))
        {
            return Of(used[0].Rows, processes);
        }

        var mean = used.Sum(b => (double)b.Rows * b.Steps) / used.Sum(b => b.Steps) * processes;
        return new(mean, $"{Count(mean)} rows in the mean over the steps of {used.Count} buckets ({Count(used.Min(b => b.Rows))} to {Count(used.Max(b => b.Rows))})"
            + (processes == 1 ? "" : $", gathered from {processes} processes"));
    }

    internal static string Count(double rows) => rows.ToString(rows == Math.Floor(rows) ? "N0" : "N1", CultureInfo.InvariantCulture);
}
