using DataPrep;
using DataPrep.Shards;
using Trainer.Training;

namespace Trainer.Evaluation;

/// <summary>What a retrieval test needs: documents, queries, judgments.</summary>
/// <param name="Documents">All documents that are searched.</param>
/// <param name="Queries">The queries.</param>
/// <param name="Qrels">The judgments.</param>
public sealed record RetrievalCollection(IReadOnlyList<EvaluationDocument> Documents, IReadOnlyList<Query> Queries, IReadOnlyList<Qrel> Qrels)
{
    /// <summary>
    /// A collection of one split of generated pairs. Where a pair's positive is not the document itself (a crop or lead was taken out of it), the document is searched
    /// without what was taken: a query must not find itself. Of several such pairs of one document the first in ordinal order of the query id counts.
    /// </summary>
    /// <param name="documents">The corpus, as it is searched.</param>
    /// <param name="pairs">Pairs of every split.</param>
    /// <param name="split">train, dev or test.</param>
    /// <param name="maxQueries">Queries at most; more are sampled by the seed. Null takes all.</param>
    /// <param name="seed">Seed of the sample.</param>
    public static RetrievalCollection FromPairs(IReadOnlyList<EvaluationDocument> documents, IEnumerable<Pair> pairs, string split, int? maxQueries = null, long seed = 0)
    {
        var byQuery = pairs.Where(p => p.Split == split).GroupBy(p => p.QueryId, StringComparer.Ordinal)
            .Select(g => (QueryId: g.Key, Pairs: g.OrderBy(p => p.DocId, StringComparer.Ordinal).ToList()))
            .OrderBy(q => q.QueryId, StringComparer.Ordinal).ToList();

        // A document can lose only one crop: queries whose crop is still in it would find themselves.
        var passages = new Dictionary<string, (string QueryId, string Passage)>(StringComparer.Ordinal);
        if (maxQueries is { } max && byQuery.Count > max)
        {
            byQuery = Sample.Take(byQuery, max, seed, "queries:" + split).OrderBy(q => q.QueryId, StringComparer.Ordinal).ToList();
        }

        foreach (var pair in byQuery.SelectMany(q => q.Pairs).Where(p => p.Passage is not null))
        {
            passages.TryAdd(pair.DocId, (pair.QueryId, pair.Passage!));
        }

        byQuery.RemoveAll(q => q.Pairs.Any(p => p.Passage is not null && passages[p.DocId].QueryId != q.QueryId));
        var searched = passages.Count == 0
            ? documents
            : documents.Select(d => passages.TryGetValue(d.DocId, out var taken) ? d with { Text = taken.Passage } : d).ToList();
        return new RetrievalCollection(
            searched,
            byQuery.Select(q => new Query(q.QueryId, q.Pairs[0].Query)).ToList(),
            byQuery.SelectMany(q => q.Pairs.Select(p => new Qrel(p.QueryId, p.DocId, p.Grade))).ToList());
    }

    /// <summary>
    /// A collection of one split of generated pairs over a corpus. Where documents are searched with their titles, the document of a title query is searched without its own.
    /// </summary>
    /// <param name="documents">The corpus.</param>
    /// <param name="text">What of a document is searched.</param>
    /// <param name="pairs">Pairs of every split.</param>
    /// <param name="split">train, dev or test.</param>
    /// <param name="maxQueries">Queries at most; null takes all.</param>
    /// <param name="seed">Seed of the sample.</param>
    public static RetrievalCollection FromPairs(
        IReadOnlyList<Document> documents, PassageText text, IEnumerable<Pair> pairs, string split, int? maxQueries = null, long seed = 0)
    {
        var searched = documents.Select(d => new EvaluationDocument(d.DocId, PassageRendering.Of(d, text))).ToList();
        if (text == PassageText.Content)
        {
            return FromPairs(searched, pairs, split, maxQueries, seed);
        }

        var contents = documents.ToDictionary(d => d.DocId, d => d.Content, StringComparer.Ordinal);
        return FromPairs(
            searched,
            pairs.Select(p => p.Generator == "title" && p.Passage is null && contents.TryGetValue(p.DocId, out var content) ? p with { Passage = content } : p),
            split, maxQueries, seed);
    }

    /// <summary>A smaller collection: a seeded sample of queries, their relevant documents, and a seeded sample of other documents up to a number.</summary>
    /// <param name="maxQueries">Queries at most.</param>
    /// <param name="maxDocuments">Documents at most (never fewer than the relevant ones).</param>
    /// <param name="seed">Seed of both samples.</param>
    public RetrievalCollection Subset(int maxQueries, int maxDocuments, long seed)
    {
        var queries = Sample.Take(Queries, maxQueries, seed, "dev queries").OrderBy(q => q.QueryId, StringComparer.Ordinal).ToList();
        var kept = queries.Select(q => q.QueryId).ToHashSet(StringComparer.Ordinal);
        var qrels = Qrels.Where(q => kept.Contains(q.QueryId)).ToList();
        var relevant = qrels.Where(q => q.Grade > 0).Select(q => q.DocId).ToHashSet(StringComparer.Ordinal);
        var others = Sample.Take(Documents.Where(d => !relevant.Contains(d.DocId)).ToList(), Math.Max(0, maxDocuments - relevant.Count), seed, "dev documents")
            .Select(d => d.DocId).ToHashSet(StringComparer.Ordinal);
        var all = relevant.Count + others.Count >= Documents.Count;
        return new RetrievalCollection(all ? Documents : Documents.Where(d => relevant.Contains(d.DocId) || others.Contains(d.DocId)).ToList(), queries, qrels);
    }
}
