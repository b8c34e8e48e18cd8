using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Batches;

/// <summary>What no batch holds twice.</summary>
public enum DistinctTexts
{
    /// <summary>Nothing: rows go into batches as they come.</summary>
    None,

    /// <summary>Queries and positives. No hard negative of a row is another row's query or positive; two rows may share a hard negative.</summary>
    Texts,

    /// <summary>Queries, positives and hard negatives. With many negatives from a small corpus few rows fit a batch.</summary>
    Passages,

    /// <summary>As texts; and no row's positive or hard negative is of the relevance cluster of another row's positives.</summary>
    Clusters,
}

/// <summary>What counts as a row's source.</summary>
public enum SourceKey
{
    /// <summary>The source file of its positive document.</summary>
    File,

    /// <summary>The folder of that file.</summary>
    Folder,

    /// <summary>What made the pair: title, lead, crop, qrels.</summary>
    Generator,
}

/// <summary>How the batches of several sources follow each other.</summary>
public enum SourceMixing
{
    /// <summary>All batches shuffled together: a source comes up as often as it has batches.</summary>
    Proportional,

    /// <summary>One batch of each source in turn, until one of them has no more; the rest waits for other epochs (sentence-transformers' ROUND_ROBIN).</summary>
    RoundRobin,
}

/// <summary>What becomes of a source with fewer rows than a batch.</summary>
public enum SmallSources
{
    /// <summary>It is a smaller batch of its own; a single row is left out, and told.</summary>
    Keep,

    /// <summary>It is left out, and told.</summary>
    Drop,
}

/// <summary>What becomes of the rows left when all full batches of a source are made.</summary>
public enum BatchRemainder
{
    /// <summary>They wait for other epochs, which leave out others.</summary>
    Drop,

    /// <summary>They are a smaller batch.</summary>
    Keep,
}

/// <summary>Where the sizes of length buckets come from.</summary>
public enum BatchTable
{
    /// <summary><see cref="BatchOptions.Sizes"/>; without any, the buckets of the shards and one batch size for all.</summary>
    Sizes,

    /// <summary>BGE-M3's table per 80 GB device for fine-tuning with 7 negatives.</summary>
    M3,

    /// <summary>BGE-M3's table per 80 GB device for pairs without negatives.</summary>
    M3Unsupervised,

    /// <summary>Found by trial at full padding, and kept per device and model.</summary>
    Auto,
}

/// <summary>Options of how rows become batches. All of them bear on the bytes of the model.</summary>
public sealed record BatchOptions
{
    /// <summary>What no batch holds twice. A row that would collide waits for a later batch of its epoch; a batch has fewer rows than asked, at least half, only where collisions leave no other way.</summary>
    /// <value>Default: texts.</value>
    public DistinctTexts Distinct { get; init; } = DistinctTexts.Texts;

    /// <summary>Whether all rows of a batch are of one source.</summary>
    /// <value>Default: false.</value>
    public bool SameSource { get; init; }

    /// <summary>What counts as the source.</summary>
    /// <value>Default: file.</value>
    public SourceKey Source { get; init; } = SourceKey.File;

    /// <summary>How the batches of several sources follow each other. Round robin needs <see cref="SameSource"/>.</summary>
    /// <value>Default: proportional.</value>
    public SourceMixing Mixing { get; init; } = SourceMixing.Proportional;

    /// <summary>What becomes of a source with fewer rows than a batch.</summary>
    /// <value>Default: keep.</value>
    public SmallSources SmallSources { get; init; } = SmallSources.Keep;

    /// <summary>What becomes of the rows left when all full batches of a source are made.</summary>
    /// <value>Default: drop.</value>
    public BatchRemainder Remainder { get; init; } = BatchRemainder.Drop;

    /// <summary>Where the sizes of length buckets come from.</summary>
    /// <value>Default: sizes.</value>
    public BatchTable Table { get; init; } = BatchTable.Sizes;

    /// <summary>Length buckets with a batch size each, by rising length; a row's length is that of its longest text in tokens. Empty: the buckets of the shards, and <c>batch_size</c> for all.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<BucketSize> Sizes { get; init; } = [];

    /// <summary>How the table auto finds its sizes.</summary>
    /// <value>Default: up to 4,096 rows, 8 % of memory left free.</value>
    public BatchTuning Tuning { get; init; } = new();
}

/// <summary>How sizes of length buckets are found by trial.</summary>
public sealed record BatchTuning
{
    /// <summary>Upper bounds of the buckets in tokens, rising; empty for halves of the longest text down to 64.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> Lengths { get; init; } = [];

    /// <summary>Largest batch tried.</summary>
    /// <value>Default: 4,096.</value>
    [Range(1, 65536)]
    public int Most { get; init; } = 4096;

    /// <summary>Sizes are multiples of this, where as many fit.</summary>
    /// <value>Default: 1.</value>
    [Range(1, 1024)]
    public int Multiple { get; init; } = 1;

    /// <summary>Bytes that may be used; null for all that the device has. On the CPU: resident bytes of the process.</summary>
    /// <value>Default: null.</value>
    [Range(1L, long.MaxValue)]
    public long? MemoryBytes { get; init; }

    /// <summary>Share of these bytes left free.</summary>
    /// <value>Default: 0.08.</value>
    [Range(0, 0.9)]
    public double Headroom { get; init; } = 0.08;
}
