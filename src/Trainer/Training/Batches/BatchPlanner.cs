using DataPrep;
using DataPrep.Shards;

namespace Trainer.Training.Batches;

/// <summary>
/// Makes the batches of an epoch: rows of one source and one length bucket, in a seeded order, put where no text comes twice. What is left of a bucket goes on to the next longer one that
/// its source has (a shorter row fits a longer bucket), what is left of the last is told. Cost is linear in rows. Each epoch has another order.
/// </summary>
public sealed class BatchPlanner
{
    readonly PlanRows rows;
    readonly IReadOnlyList<int> sizes;
    readonly BatchOptions options;
    readonly long seed;
    EpochPlan? last;

    /// <param name="rows">The rows.</param>
    /// <param name="sizes">Rows of a batch, by length bucket; the last size counts for buckets beyond.</param>
    /// <param name="options">How rows become batches.</param>
    /// <param name="seed">The job's seed.</param>
    /// <exception cref="TrainerException">Round robin without one source per batch.</exception>
    public BatchPlanner(PlanRows rows, IReadOnlyList<int> sizes, BatchOptions options, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sizes.Count);
        foreach (var size in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        }

        if (options is { Mixing: SourceMixing.RoundRobin, SameSource: false })
        {
            throw new TrainerException("batches.mixing is round_robin, but batches hold rows of all sources. Set batches.same_source: true, or mixing: proportional.");
        }

        (this.rows, this.sizes, this.options, this.seed) = (rows, sizes, options, seed);
    }

    /// <summary>The planner of a training.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="options">How rows become batches.</param>
    /// <param name="batchSize">Rows of a batch where the options name no sizes.</param>
    /// <param name="negatives">Hard negatives drawn of each row.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="tuned">Sizes found by trial, for the table auto.</param>
    /// <exception cref="TrainerException">The options contradict each other or the rows.</exception>
    public static BatchPlanner For(TrainingSet set, BatchOptions options, int batchSize, int negatives, long seed, IReadOnlyList<BucketSize>? tuned = null)
    {
        var table = BatchSizes.Of(options, tuned);
        return new BatchPlanner(PlanRows.Of(set, options, table, negatives, seed), table.Count > 0 ? [.. table.Select(t => t.BatchSize)] : [batchSize], options, seed);
    }

    /// <summary>The batches of an epoch. The last plan is kept: asking for it again costs nothing.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public EpochPlan Plan(int epoch) => last is { } kept && kept.Report.Epoch == epoch ? kept : last = Make(epoch);

    EpochPlan Make(int epoch)
    {
        var placement = new BatchPlacement(rows.Keys(epoch));
        var made = new List<(int Source, int[] Rows)>();
        var left = new List<int>();
        var small = new List<string>();
        var (remainder, collided, dropped) = (0, 0, 0);
        foreach (var group in Groups())
        {
            var name = rows.SourceNames[group.Source];
            var (carried, stuck, size, before) = (Array.Empty<int>(), 0, 0, made.Count);
            foreach (var (bucket, members) in group.Buckets)
            {
                size = sizes[Math.Min(bucket, sizes.Count - 1)];
                var placed = placement.Fill(Ordered([.. carried, .. members], name, bucket, epoch), size, Key("exchanges", name, bucket, epoch));
                made.AddRange(placed.Batches.Select(b => (group.Source, b)));
                (carried, stuck) = (placed.Left, placed.Collided);
            }

            var isSmall = made.Count == before;
            if (carried.Length > 0 && (isSmall ? options.SmallSources == SmallSources.Keep : options.Remainder == BatchRemainder.Keep))
            {
                var placed = placement.Smaller(carried, size, Key("exchanges", name, -1, epoch));

                // One row has nothing to be told from: it is a batch only where there is nothing else.
                if (placed.Batches is [var one] && (one.Length > 1 || (isSmall && rows.SourceNames.Count == 1)))
                {
                    made.Add((group.Source, one));
                    (carried, stuck) = (placed.Left, placed.Collided);
                }
            }

            if (isSmall)
            {
                small.Add(name);
            }

            left.AddRange(carried);
            var all = made.Count == before;
            (dropped, collided, remainder) = (dropped + (all ? carried.Length : 0), collided + (all ? 0 : stuck), remainder + (all ? 0 : carried.Length - stuck));
        }

        var order = Mixed(made, epoch);
        var exhausted = made.Sum(m => m.Rows.Length) - order.Sum(b => b.Length);
        if (exhausted > 0)
        {
            var used = order.ToHashSet(ReferenceEqualityComparer.Instance);
            left.AddRange(made.Where(m => !used.Contains(m.Rows)).SelectMany(m => m.Rows));
        }

        left.Sort();
        return new EpochPlan(order, new PlanReport
        {
            Epoch = epoch,
            Rows = rows.Source.Length,
            Placed = rows.Source.Length - left.Count,
            Batches = order.Count,
            Remainder = remainder,
            Collided = collided,
            SmallSourceRows = dropped,
            Exhausted = exhausted,
            SmallSources = small,
            Left = left,
            Operations = placement.Operations,
        });
    }

    // Sources by name, buckets by length, rows as they stand: nothing depends on which source came first.
    IEnumerable<(int Source, IReadOnlyList<(int Bucket, List<int> Rows)> Buckets)> Groups()
    {
        var groups = new Dictionary<(int Source, int Bucket), List<int>>();
        for (var row = 0; row < rows.Source.Length; row++)
        {
            if (!groups.TryGetValue((rows.Source[row], rows.Bucket[row]), out var list))
            {
                groups.Add((rows.Source[row], rows.Bucket[row]), list = []);
            }

            list.Add(row);
        }

        return groups.GroupBy(g => g.Key.Source).OrderBy(g => rows.SourceNames[g.Key], StringComparer.Ordinal)
            .Select(g => (g.Key, (IReadOnlyList<(int, List<int>)>)[.. g.OrderBy(b => b.Key.Bucket).Select(b => (b.Key.Bucket, b.Value))]));
    }

    int[] Ordered(int[] pool, string source, int bucket, int epoch)
    {
        var permutation = new SeededPermutation(pool.Length, Key("rows", source, bucket, epoch));
        return [.. Enumerable.Range(0, pool.Length).Select(i => pool[permutation[i]])];
    }

    List<int[]> Mixed(List<(int Source, int[] Rows)> made, int epoch)
    {
        if (made.Count == 0)
        {
            return [];
        }

        var permutation = new SeededPermutation(made.Count, StableHash.Of(seed, "batch order", epoch.ToString()));
        var shuffled = Enumerable.Range(0, made.Count).Select(i => made[(int)permutation[i]]);
        if (options.Mixing == SourceMixing.Proportional)
        {
            return [.. shuffled.Select(m => m.Rows)];
        }

        // GroupBy keeps the order of first appearance, so the turns of sources are shuffled, too.
        var turns = shuffled.GroupBy(m => m.Source).Select(g => g.ToList()).ToList();
        return [.. Enumerable.Range(0, turns.Min(t => t.Count)).SelectMany(i => turns.Select(t => t[i].Rows))];
    }

    ulong Key(string what, string source, int bucket, int epoch) => StableHash.Of(seed, "batch " + what, source, bucket.ToString(), epoch.ToString());
}
