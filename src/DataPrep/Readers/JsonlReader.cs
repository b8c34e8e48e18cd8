namespace DataPrep.Readers;

/// <summary>One JSON object per line with configurable field names; ids may also be whole numbers; a missing or null title or content is empty.</summary>
public sealed class JsonlReader : ICorpusReader
{
    /// <inheritdoc/>
    public string Format => "jsonl";

    /// <inheritdoc/>
    public IReadOnlyList<string> FileNames => ["*.jsonl", "*.ndjson"];

    /// <inheritdoc/>
    public IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken = default) => JsonRows.Read(file, options, cancellationToken);
}
