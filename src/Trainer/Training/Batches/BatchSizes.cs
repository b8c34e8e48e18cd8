namespace Trainer.Training.Batches;

/// <summary>Tables of length buckets.</summary>
public static class BatchSizes
{
    static readonly int[] _lengths = [500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8192];

    /// <summary>BGE-M3's fine-tuning with 8 passages per query, per A800 of 80 GB (FlagEmbedding, research/BGE_M3/data.py; times 24 devices the paper's Table 9).</summary>
    public static IReadOnlyList<BucketSize> M3 { get; } = Table(48, 32, 20, 18, 14, 14, 12, 10, 8);

    /// <summary>BGE-M3's training on unsupervised pairs, per A800 of 80 GB (times 96 devices the paper's Table 9).</summary>
    public static IReadOnlyList<BucketSize> M3Unsupervised { get; } = Table(700, 570, 388, 288, 224, 180, 157, 128, 104);

    /// <summary>The table that options name; empty where the shards' own buckets count.</summary>
    /// <param name="options">The options.</param>
    /// <param name="tuned">What was found by trial; needed for the table auto.</param>
    /// <exception cref="TrainerException">The table's lengths do not rise, or it is auto and nothing was found by trial.</exception>
    public static IReadOnlyList<BucketSize> Of(BatchOptions options, IReadOnlyList<BucketSize>? tuned = null)
    {
        var table = options.Table switch
        {
            BatchTable.M3 => M3,
            BatchTable.M3Unsupervised => M3Unsupervised,
            BatchTable.Auto => tuned is { Count: > 0 } ? tuned : throw new TrainerException("batches.table is auto, but no sizes were found by trial. Name the sizes, or train where they can be tried."),
            _ => options.Sizes,
        };
        if (options.Table != BatchTable.Sizes && options.Sizes.Count > 0)
        {
            throw new TrainerException($"batches.table is {options.Table} and batches.sizes names {options.Sizes.Count} buckets; expected one of the two. Leave out the other.");
        }

        for (var i = 0; i < table.Count; i++)
        {
            if (table[i].BatchSize < 1 || table[i].MaxLength <= (i == 0 ? 0 : table[i - 1].MaxLength))
            {
                throw new TrainerException($"batches.sizes[{i}] has max_length {table[i].MaxLength} and batch_size {table[i].BatchSize}; expected lengths that rise and sizes of at least 1.");
            }
        }

        return table;
    }

    static BucketSize[] Table(params int[] sizes) => [.. _lengths.Zip(sizes, (length, size) => new BucketSize(length, size))];
}
