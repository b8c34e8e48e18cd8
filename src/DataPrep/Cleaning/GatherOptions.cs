namespace DataPrep.Cleaning;

/// <summary>Options of <see cref="IngestGather"/>.</summary>
public sealed record GatherOptions
{
    /// <summary>What happens to documents with the content of an earlier one: "keep" (default; they are listed as duplicates) or "drop" (they become rejects).</summary>
    public string ExactDuplicates { get; init; } = "keep";

    /// <summary>Documents per file; default 100,000.</summary>
    public int RowsPerFile { get; init; } = 100_000;
}
