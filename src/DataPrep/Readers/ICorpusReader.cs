namespace DataPrep.Readers;

/// <summary>A corpus format. Readers hold no state and are thread-safe.</summary>
public interface ICorpusReader
{
    /// <summary>Name in job files: jsonl, beir, csv.</summary>
    string Format { get; }

    /// <summary>Names of the format's files, without .gz, as patterns with *: what is taken of a folder.</summary>
    IReadOnlyList<string> FileNames { get; }

    /// <summary>Reads a file row by row, in file order. A row that cannot be used is a row with a reason, never left out.</summary>
    /// <param name="file">The file; .gz is unpacked.</param>
    /// <param name="options">Field names and the like.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="DataPrepException">The file as a whole cannot be read: missing, changed, truncated, not of this format.</exception>
    IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken = default);
}
