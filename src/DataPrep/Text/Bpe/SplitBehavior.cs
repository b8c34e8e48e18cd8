namespace DataPrep.Text.Bpe;

/// <summary>What a Split does with its matches, by the names of tokenizer.json.</summary>
enum SplitBehavior
{
    /// <summary>Drops them.</summary>
    Removed,

    /// <summary>Makes each a part.</summary>
    Isolated,

    /// <summary>Joins each to the part before it.</summary>
    MergedWithPrevious,

    /// <summary>Joins each to the part after it.</summary>
    MergedWithNext,

    /// <summary>Makes each run of them a part.</summary>
    Contiguous,
}
