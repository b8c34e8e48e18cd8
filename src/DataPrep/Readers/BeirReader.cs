namespace DataPrep.Readers;

/// <summary>The corpus file of a BEIR collection: one JSON object per line with _id, title and text.</summary>
public sealed class BeirReader : ICorpusReader
{
    /// <inheritdoc/>
    public string Format => "beir";

    /// <inheritdoc/>
    public IReadOnlyList<string> FileNames => ["corpus.jsonl"];

    /// <inheritdoc/>
    public IEnumerable<RawRow> Read(CorpusFile file, ReaderOptions options, CancellationToken cancellationToken = default) =>
        JsonRows.Read(file, options with { IdField = "_id", TitleField = "title", ContentField = "text", GroupField = "" }, cancellationToken);
}
