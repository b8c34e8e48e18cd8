using System.ComponentModel.DataAnnotations;

namespace DataPrep.Cleaning;

/// <summary>Options of <see cref="IngestGather"/>.</summary>
public sealed record GatherOptions
{
    /// <summary>What happens to documents with the content of an earlier one.</summary>
    /// <value>Default: keep.</value>
    public DuplicatePolicy ExactDuplicates { get; init; } = DuplicatePolicy.Keep;

    /// <summary>Documents per file.</summary>
    /// <value>Default: 100,000.</value>
    [Range(1, 100_000_000)]
    public int RowsPerFile { get; init; } = 100_000;
}
