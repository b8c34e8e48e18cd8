using DataPrep.Tables;

namespace DataPrep.Shards;

/// <summary>A shard being filled: rows, and each passage they point at once.</summary>
sealed class ShardDraft(IReadOnlyDictionary<string, Document> documents, IReadOnlyDictionary<string, string> clusters, PassageText text)
{
    readonly List<TrainingRow> rows = [];
    readonly List<ShardPassage> passages = [];
    readonly Dictionary<(string DocId, bool WithTitle), long> ordinals = [];

    public int Count => rows.Count;

    public void Add(long ordinal, Pair pair, Document positive, List<Negative> negatives, int bucket)
    {
        // A query made from a title must not meet titles in its passages: they would give the positive away, or mark the negatives.
        var withTitle = text == PassageText.TitleContent && pair.Generator != "title";
        var negativeOrdinals = negatives.Select(n => Passage(
            documents.GetValueOrDefault(n.NegativeDocId)
                ?? throw new DataPrepException($"Negative '{n.NegativeDocId}' of query '{n.QueryId}' is not among the documents. Make negatives and documents from the same ingest."), withTitle)).ToArray();
        rows.Add(new TrainingRow(ordinal, pair.QueryId, pair.Query, pair.DocId, pair.Passage, Passage(positive, withTitle), negativeOrdinals, pair.Generator, positive.Source, positive.SourceRow,
            negatives.Count > 0 ? negatives[0].Miner : "", negatives.Count > 0 ? negatives[0].Guide : "", bucket));
    }

    public ShardFiles Write(ITableStore store, string folder, string name, int bucket, CancellationToken cancellationToken) => new(bucket,
        RowTables.TrainingRows.Write(store, Path.Combine(folder, "rows-" + name), rows, cancellationToken),
        RowTables.Passages.Write(store, Path.Combine(folder, "passages-" + name), passages, cancellationToken));

    long Passage(Document document, bool withTitle)
    {
        if (!ordinals.TryGetValue((document.DocId, withTitle), out var ordinal))
        {
            ordinals.Add((document.DocId, withTitle), ordinal = passages.Count);
            passages.Add(new ShardPassage(ordinal, document.DocId, PassageRendering.Of(document, withTitle ? PassageText.TitleContent : PassageText.Content),
                clusters.GetValueOrDefault(document.DocId, "")));
        }

        return ordinal;
    }
}
