using System.ComponentModel.DataAnnotations;

namespace DataPrep.Pairs;

/// <summary>Options of pair generation.</summary>
public sealed record PairOptions
{
    /// <summary>What makes the training pairs: names of <see cref="PairGeneratorTable"/>.</summary>
    /// <value>Default: title.</value>
    [MinLength(1)]
    public IReadOnlyList<string> Generators { get; init; } = ["title"];

    /// <summary>What makes the dev and test queries; of each document its first query counts.</summary>
    /// <value>Default: title.</value>
    [MinLength(1)]
    public IReadOnlyList<string> EvaluateWith { get; init; } = ["title"];

    /// <summary>Dev and test queries.</summary>
    public SplitOptions Split { get; init; } = new();

    /// <summary>Shorter queries (in characters) are not made.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 10_000)]
    public int MinQueryChars { get; init; } = 3;

    /// <summary>
    /// Whether documents with the same title share one title query, and documents with the content of a relevant one are relevant too. False: every query has its own document alone.
    /// </summary>
    /// <value>Default: true.</value>
    public bool GroupRelevance { get; init; } = true;

    /// <summary>Options of the generator lead.</summary>
    public LeadOptions Lead { get; init; } = new();

    /// <summary>Options of the generator crop.</summary>
    public CropOptions Crop { get; init; } = new();

    /// <summary>Pairs per file.</summary>
    /// <value>Default: 100,000.</value>
    [Range(1, 100_000_000)]
    public int RowsPerFile { get; init; } = 100_000;
}
