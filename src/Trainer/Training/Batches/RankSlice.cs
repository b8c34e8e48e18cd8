namespace Trainer.Training.Batches;

/// <summary>Which rows of a batch a process takes. The plan does not know of processes: every rank makes the same plan and takes its run of each batch.</summary>
public static class RankSlice
{
    /// <summary>
    /// Rows [start, end) of a rank: <c>⌊rank · rows / ranks⌋</c> to <c>⌊(rank + 1) · rows / ranks⌋</c>. The runs of all ranks are the batch, in order; their sizes differ by one at most.
    /// </summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="rank">The rank, from 0.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <exception cref="TrainerException">The batch has fewer rows than there are ranks, so that one would have none.</exception>
    public static (int Start, int End) Of(int rows, int rank, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, ranks);
        return rows >= ranks
            ? ((int)((long)rank * rows / ranks), (int)((rank + 1L) * rows / ranks))
            : throw new TrainerException($"A batch of {rows} rows cannot be shared by {ranks} processes; expected a row for each at least. Start fewer processes, raise batch_size, or set small_sources: drop and remainder: drop.");
    }

    /// <summary>The rank's rows of a batch.</summary>
    /// <exception cref="TrainerException">As for the other.</exception>
    public static ReadOnlySpan<int> Of(ReadOnlySpan<int> batch, int rank, int ranks)
    {
        var (start, end) = Of(batch.Length, rank, ranks);
        return batch[start..end];
    }

    /// <summary>Checks that every rank has rows of every batch, and as many as the others where <paramref name="equal"/> asks so.</summary>
    /// <param name="plan">Batches of an epoch.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="equal">Whether all ranks must have equally many.</param>
    /// <exception cref="TrainerException">A batch cannot be shared so.</exception>
    public static void Require(IReadOnlyList<int[]> plan, int ranks, bool equal = false)
    {
        for (var i = 0; i < plan.Count; i++)
        {
            var rows = plan[i].Length;
            _ = Of(rows, 0, ranks);
            if (equal && rows % ranks != 0)
            {
                throw new TrainerException($"Batch {i} has {rows} rows, which {ranks} processes cannot share equally; expected a multiple of {ranks}. Choose such a batch_size for every bucket, with remainder: drop and small_sources: drop.");
            }
        }
    }
}
