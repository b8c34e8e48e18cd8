namespace DataPrep.Readers;

/// <summary>The corpus formats, one line each.</summary>
public static class ReaderTable
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<ICorpusReader> All { get; } =
    [
        new BeirReader(),
        new DelimitedReader("csv", ','),
        new DotnetXmldocReader(),
        new JsonlReader(),
        new DelimitedReader("tsv", '\t'),
    ];

    /// <summary>The reader of a format.</summary>
    /// <exception cref="DataPrepException">No such format.</exception>
    public static ICorpusReader Get(string format) => All.FirstOrDefault(r => r.Format == format)
        ?? throw new DataPrepException($"There is no corpus format '{format}'. Known: {string.Join(", ", All.Select(r => r.Format))}.");
}
