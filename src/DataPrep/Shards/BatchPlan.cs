using System.Collections;

namespace DataPrep.Shards;

/// <summary>
/// The batches of one epoch as a pure function of (seed, epoch, shards): any batch is found in constant time, the order is the same after a resume and on every machine, and no row
/// occurs twice in an epoch. Rows are numbered through the shards in order. A batch holds rows of one length bucket; the batches of all buckets are shuffled together.
/// </summary>
/// <remarks>The rows left over at a bucket's end make no batch (an in-batch loss over a handful of rows is another loss), unless they are all the bucket has; another epoch leaves out others.</remarks>
public sealed class BatchPlan : IReadOnlyList<int[]>
{
    readonly List<Bucket> buckets = [];
    readonly SeededPermutation order;

    /// <param name="shards">Bucket and rows of each shard, in manifest order.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <exception cref="DataPrepException">There is no row, or there are more than an int counts.</exception>
    public BatchPlan(IReadOnlyList<ShardSummary> shards, int batchSize, long seed, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var rows = shards.Sum(s => s.Rows);
        if (rows is 0 or > int.MaxValue)
        {
            throw new DataPrepException($"The shards hold {rows} rows; expected 1 to {int.MaxValue}. Check the pairs of split train, or split the training.");
        }

        var first = 0L;
        var spans = shards.Select(s => (s.Bucket, s.Rows, First: (first += s.Rows) - s.Rows)).ToList();
        foreach (var group in spans.Where(s => s.Rows > 0).GroupBy(s => s.Bucket).OrderBy(g => g.Key))
        {
            var members = group.Select(s => (s.First, s.Rows)).ToArray();
            var count = members.Sum(m => m.Rows);
            var permutation = new SeededPermutation(count, StableHash.Of(seed, "rows", group.Key.ToString(), epoch.ToString()));
            buckets.Add(new Bucket(members, permutation, Count, Math.Max(1, count / batchSize), (int)Math.Min(count, batchSize)));
            Count += (int)buckets[^1].Batches;
        }

        order = new SeededPermutation(Count, StableHash.Of(seed, "batches", epoch.ToString()));
    }

    /// <summary>Number of batches.</summary>
    public int Count { get; }

    /// <summary>Row numbers of a batch.</summary>
    public int[] this[int index]
    {
        get
        {
            var batch = order[index];
            var bucket = buckets.FindLast(b => b.FirstBatch <= batch);
            var start = (batch - bucket.FirstBatch) * bucket.BatchSize;
            var rows = new int[bucket.BatchSize];
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = (int)bucket.RowAt(start + i);
            }

            return rows;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<int[]> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    readonly record struct Bucket((long First, long Rows)[] Members, SeededPermutation Permutation, long FirstBatch, long Batches, int BatchSize)
    {
        public long RowAt(long position)
        {
            var at = Permutation[position];
            foreach (var (first, rows) in Members)
            {
                if (at < rows)
                {
                    return first + at;
                }

                at -= rows;
            }

            throw new InvalidOperationException("A position beyond the bucket's rows.");
        }
    }
}
