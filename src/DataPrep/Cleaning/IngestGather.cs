using DataPrep.Readers;
using DataPrep.Tables;

namespace DataPrep.Cleaning;

/// <summary>
/// Puts the partitions of an ingest together, in corpus order: the first document of an id stays, later ones become rejects; documents with equal (not empty) content form a cluster;
/// a document without a group of its own gets its cluster, named by its first document, as its group.
/// The result does not depend on how the corpus was cut into partitions.
/// </summary>
public static class IngestGather
{
    /// <summary>Reads the partitions' files and writes the corpus.</summary>
    /// <param name="documents">Document files of the partitions, in corpus order.</param>
    /// <param name="rejects">Reject files of the partitions, in corpus order.</param>
    /// <param name="options">What to do with duplicates.</param>
    /// <param name="documentsFolder">Gets part-00000.parquet on.</param>
    /// <param name="rejectsFolder">Gets part-00000.parquet on.</param>
    /// <param name="duplicatesFolder">Gets part-00000.parquet on.</param>
    /// <param name="store">Table adapter.</param>
    /// <param name="progress">Documents done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="DataPrepException">The corpus has no document at all.</exception>
    public static GatherFiles Run(
        IReadOnlyList<string> documents, IReadOnlyList<string> rejects, GatherOptions options, string documentsFolder, string rejectsFolder, string duplicatesFolder, ITableStore store,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var corpus = new Corpus(options.ExactDuplicates == DuplicatePolicy.Drop);
        var count = 0L;
        var rows = RowTables.Documents.Read(store, documents, cancellationToken).Select(corpus.Add).OfType<Document>().Select(d =>
        {
            if (++count % 1000 == 0)
            {
                progress?.Report(new StageProgress(count, 0, "documents"));
            }

            return d;
        });
        var documentFiles = RowTables.Documents.WriteParts(store, documentsFolder, rows, options.RowsPerFile, cancellationToken);
        if (count == 0)
        {
            throw new DataPrepException(Empty(RowTables.Rejects.Read(store, rejects, cancellationToken)));
        }

        progress?.Report(new StageProgress(count, count, "documents"));
        return new GatherFiles(
            documentFiles,
            RowTables.Rejects.WriteParts(store, rejectsFolder, RowTables.Rejects.Read(store, rejects, cancellationToken).Concat(corpus.Rejects), options.RowsPerFile, cancellationToken),
            RowTables.Duplicates.WriteParts(store, duplicatesFolder, corpus.Duplicates(), options.RowsPerFile, cancellationToken));
    }

    static string Empty(IEnumerable<Reject> rejects)
    {
        var reasons = rejects.CountBy(r => r.Reason).OrderBy(r => r.Key, StringComparer.Ordinal).ToList();
        return reasons.Count == 0
            ? "The corpus is empty: its files hold no row. Expected at least one document; check the sources and the format."
            : $"The corpus is empty: every row was rejected ({string.Join(", ", reasons.Select(r => $"{r.Key}: {r.Value}"))}). Check the format and the field names.";
    }

    sealed class Corpus(bool drop)
    {
        readonly HashSet<string> ids = new(StringComparer.Ordinal);
        readonly Dictionary<string, (int Ordinal, string DocId)> firsts = new(StringComparer.Ordinal);
        readonly List<(int First, int Ordinal, string Cluster, string DocId)> duplicates = [];

        internal List<Reject> Rejects { get; } = [];

        internal Document? Add(Document document)
        {
            if (!ids.Add(document.DocId))
            {
                Rejects.Add(new Reject(document.Source, document.SourceRow, RejectReason.DuplicateId, $"'{document.DocId}' was used by an earlier row"));
                return null;
            }

            var first = (Ordinal: ids.Count, document.DocId);
            if (document.Content.Length > 0 && !firsts.TryAdd(document.ContentHash, first))
            {
                first = firsts[document.ContentHash];
                if (drop)
                {
                    Rejects.Add(new Reject(document.Source, document.SourceRow, RejectReason.DuplicateContent, $"'{document.DocId}' has the content of '{first.DocId}'"));
                    return null;
                }

                duplicates.Add((first.Ordinal, ids.Count, first.DocId, document.DocId));
            }

            return document.Group.Length > 0 ? document : document with { Group = first.DocId };
        }

        internal IEnumerable<Duplicate> Duplicates()
        {
            foreach (var cluster in duplicates.GroupBy(d => (d.First, d.Cluster)).OrderBy(c => c.Key.First))
            {
                yield return new Duplicate(cluster.Key.Cluster, cluster.Key.Cluster, "exact");
                foreach (var duplicate in cluster.OrderBy(d => d.Ordinal))
                {
                    yield return new Duplicate(duplicate.DocId, cluster.Key.Cluster, "exact");
                }
            }
        }
    }
}
