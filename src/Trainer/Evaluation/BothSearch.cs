using DataPrep.Text.Bm25;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Evaluation;

/// <summary>Searches a collection with BM25 and with a model, and scores the union of both results with both: what a hybrid is made of.</summary>
public sealed class BothSearch
{
    readonly RetrievalCollection _collection;
    readonly FusionCandidates[] _candidates;

    /// <summary>Searches.</summary>
    /// <param name="collection">Documents and queries.</param>
    /// <param name="index">BM25 over the documents, in their order.</param>
    /// <param name="model">The model; its similarity is the dot product, searched exactly.</param>
    /// <param name="depth">Results per query of each.</param>
    /// <param name="normalization">How scores become comparable in the hybrid.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public BothSearch(
        RetrievalCollection collection, Bm25Index index, EmbeddingModel model, int depth, ScoreNormalization normalization, int threads, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        _collection = collection;
        var texts = collection.Queries.Select(q => q.Text).ToList();
        var documents = model.Embed(
            model.Tokenize(collection.Documents.Select(d => d.Text).ToList(), TextRole.Passage, threads, cancellationToken), TextRole.Passage, cancellationToken: cancellationToken);
        var queries = model.Embed(model.Tokenize(texts, TextRole.Query, threads, cancellationToken), TextRole.Query, cancellationToken: cancellationToken);
        var dense = ExactSearch.TopK(queries, documents, depth, cancellationToken);
        var (hits, lexical) = index.SearchAll(texts, depth, dense.Select(d => d.Rows).ToList(), threads, cancellationToken);

        Model = ExactSearch.ToRun(dense, collection.Queries, collection.Documents);
        Bm25 = new RetrievalRun();
        _candidates = new FusionCandidates[texts.Count];
        for (var q = 0; q < texts.Count; q++)
        {
            using var inner = NewDisposeScope();
            Bm25.Add(collection.Queries[q].QueryId, hits[q].Select(h => new ScoredDocument(collection.Documents[h.Document].DocId, h.Score)).ToList());
            var (rows, scores) = dense[q];
            var found = rows.ToHashSet();
            var others = hits[q].Where(h => !found.Contains(h.Document)).ToArray();
            var similar = others.Length == 0
                ? []
                : matmul(documents.index_select(0, tensor(others.Select(h => (long)h.Document).ToArray())), queries.select(0, q)).data<float>().ToArray();
            _candidates[q] = new FusionCandidates(
                [.. rows, .. others.Select(h => h.Document)],
                [.. scores.Concat(similar).Select(s => (double)s)],
                [.. lexical[q].Concat(others.Select(h => h.Score)).Select(s => (double)s)], normalization);
        }
    }

    /// <summary>What BM25 found.</summary>
    public RetrievalRun Bm25 { get; }

    /// <summary>What the model found.</summary>
    public RetrievalRun Model { get; }

    /// <summary>The weighted hybrid.</summary>
    /// <param name="weight">The model's weight, 0 to 1.</param>
    /// <param name="depth">Results per query.</param>
    public RetrievalRun Weighted(double weight, int depth) => Each(q => _candidates[q].Top(weight, depth, row => _collection.Documents[row].DocId));

    /// <summary>The reciprocal-rank hybrid.</summary>
    /// <param name="depth">Results per query.</param>
    public RetrievalRun ReciprocalRank(int depth) => Each(q => Fusion.ReciprocalRank([Model[_collection.Queries[q].QueryId]!, Bm25[_collection.Queries[q].QueryId]!], depth));

    RetrievalRun Each(Func<int, ScoredDocument[]> results)
    {
        var run = new RetrievalRun();
        foreach (var (index, query) in _collection.Queries.Index())
        {
            run.Add(query.QueryId, results(index));
        }

        return run;
    }
}
