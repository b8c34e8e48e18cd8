using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

/// <summary>Rows whose texts are numbers: drawn from few or many, so that they collide as asked.</summary>
sealed record PlanData(PlanRows Rows, int[][] Exclusive, int[][] Shared)
{
    /// <summary>Rows with a query, a positive and two negatives each, drawn from so many texts.</summary>
    public static PlanData Draw(ulong seed, int rows, int texts, int sources = 1, int buckets = 1)
    {
        var random = new SplitMix64(seed);
        var exclusive = Enumerable.Range(0, rows).Select(_ => new[] { random.Below(texts), random.Below(texts) }).ToArray();
        var shared = Enumerable.Range(0, rows).Select(_ => new[] { random.Below(texts), random.Below(texts) }).ToArray();

        // Uneven sources: the first has most rows.
        var source = Enumerable.Range(0, rows).Select(_ => random.Below(1 + random.Below(sources))).ToArray();
        var bucket = Enumerable.Range(0, rows).Select(_ => random.Below(buckets)).ToArray();
        return Of(exclusive, shared, texts, source, bucket);
    }

    /// <summary>As many rows without what tests look them up in.</summary>
    public static PlanRows Many(ulong seed, int rows, int texts)
    {
        var random = new SplitMix64(seed);
        var keys = new RowKeys(texts);
        for (var i = 0; i < rows; i++)
        {
            keys.Add([random.Below(texts), random.Below(texts)], [random.Below(texts), random.Below(texts)]);
        }

        return new PlanRows([""], new int[rows], new int[rows], _ => keys);
    }

    public static PlanData Of(int[][] exclusive, int[][] shared, int texts, int[]? source = null, int[]? bucket = null)
    {
        source ??= new int[exclusive.Length];
        var keys = new RowKeys(texts);
        foreach (var (e, s) in exclusive.Zip(shared))
        {
            keys.Add(e, s);
        }

        var names = Enumerable.Range(0, source.DefaultIfEmpty().Max() + 1).Select(s => $"source {s}").ToList();
        return new PlanData(new PlanRows(names, source, bucket ?? new int[exclusive.Length], _ => keys), exclusive, shared);
    }

    /// <summary>Whether two rows may not meet, by definition.</summary>
    public bool Collide(int a, int b) =>
        Exclusive[a].Intersect(Exclusive[b]).Any() || Exclusive[a].Intersect(Shared[b]).Any() || Shared[a].Intersect(Exclusive[b]).Any();
}
