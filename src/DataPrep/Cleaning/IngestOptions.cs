using DataPrep.Readers;

namespace DataPrep.Cleaning;

/// <summary>Options of an ingest.</summary>
public sealed record IngestOptions
{
    /// <summary>Format of the files: a name of <see cref="ReaderTable"/>.</summary>
    public required string Format { get; init; }

    /// <summary>How rows are read.</summary>
    public ReaderOptions Reader { get; init; } = new();

    /// <summary>How text is cleaned.</summary>
    public CleaningOptions Cleaning { get; init; } = new();
}
