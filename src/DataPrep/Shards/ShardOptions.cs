using System.ComponentModel.DataAnnotations;

namespace DataPrep.Shards;

/// <summary>How a passage is written out.</summary>
public enum PassageText
{
    /// <summary>The content alone.</summary>
    Content,

    /// <summary>Title, a blank, content. Rows made from titles still see the content alone, or the title would be its own answer.</summary>
    TitleContent,
}

/// <summary>Options of sharding.</summary>
public sealed record ShardOptions
{
    /// <summary>Rows of a shard file.</summary>
    /// <value>Default: 65,536.</value>
    [Range(1, 10_000_000)]
    public int RowsPerShard { get; init; } = 65_536;

    /// <summary>Hard negatives kept of each row, best rank first.</summary>
    /// <value>Default: 8.</value>
    [Range(0, 1024)]
    public int Negatives { get; init; } = 8;

    /// <summary>What a passage's text is.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Upper bounds of the length buckets in characters of the longer of query and positive, ascending; longer rows share one bucket more. Empty: one bucket.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> Buckets { get; init; } = [];

    /// <summary>Partitions of the work; each takes an equal range of the global order.</summary>
    /// <value>Default: 2.</value>
    [Range(1, 4096)]
    public int Partitions { get; init; } = 2;
}
