using DataPrep.Readers;
using DataPrep.Tables;

namespace DataPrep.Cleaning;

/// <summary>A partition of an ingest: some files of the corpus become cleaned documents and rejects. What needs the whole corpus (ids, duplicates, groups) is left to <see cref="IngestGather"/>.</summary>
public static class IngestPart
{
    /// <summary>File name of the documents in their folder.</summary>
    public const string Documents = "documents.parquet";

    /// <summary>File name of the rejects in their folder.</summary>
    public const string Rejects = "rejects.parquet";

    /// <summary>Reads, cleans and writes.</summary>
    /// <param name="files">The partition's files, in corpus order.</param>
    /// <param name="options">Format and cleaning.</param>
    /// <param name="documentsFolder">Gets <see cref="Documents"/>.</param>
    /// <param name="rejectsFolder">Gets <see cref="Rejects"/>.</param>
    /// <param name="store">Table adapter.</param>
    /// <param name="progress">Files done.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="DataPrepException">A file as a whole cannot be read; nothing is left behind then.</exception>
    public static IngestFiles Run(
        IReadOnlyList<CorpusFile> files, IngestOptions options, string documentsFolder, string rejectsFolder, ITableStore store, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var reader = ReaderTable.Get(options.Format);
        var rejects = new List<Reject>();
        var documents = RowTables.Documents.Write(store, Path.Combine(documentsFolder, Documents), Rows(), cancellationToken);
        return new IngestFiles([documents], [RowTables.Rejects.Write(store, Path.Combine(rejectsFolder, Rejects), rejects, cancellationToken)]);

        IEnumerable<Document> Rows()
        {
            for (var f = 0; f < files.Count; f++)
            {
                progress?.Report(new StageProgress(f, files.Count, "files", files[f].Name));
                foreach (var row in reader.Read(files[f], options.Reader, cancellationToken))
                {
                    if (Clean(files[f].Name, row, options.Cleaning, rejects) is { } document)
                    {
                        yield return document;
                    }
                }
            }

            progress?.Report(new StageProgress(files.Count, files.Count, "files"));
        }
    }

    static Document? Clean(string source, RawRow row, CleaningOptions options, List<Reject> rejects)
    {
        if (row.Document is not { } raw)
        {
            rejects.Add(new Reject(source, row.Row, row.Reason, TextCleaner.Clean(row.Detail, options) ?? ""));
            return null;
        }

        var id = TextCleaner.Clean(raw.Id, options);
        var title = TextCleaner.Clean(raw.Title, options);
        var content = TextCleaner.Clean(raw.Content, options);
        var group = TextCleaner.Clean(raw.Group, options);
        var lang = TextCleaner.Clean(raw.Lang, options);
        if (id is null || title is null || content is null || group is null || lang is null)
        {
            rejects.Add(new Reject(source, row.Row, RejectReason.InvalidText, "half of a surrogate pair"));
            return null;
        }

        if (id.Length == 0 || (title.Length == 0 && content.Length == 0))
        {
            rejects.Add(id.Length == 0 ? new Reject(source, row.Row, RejectReason.MissingId, "the id is blank") : new Reject(source, row.Row, RejectReason.Empty, $"'{id}' has neither title nor content"));
            return null;
        }

        return new Document(id, title, content, lang, source, row.Row, ContentHash.Of(content), group);
    }
}
