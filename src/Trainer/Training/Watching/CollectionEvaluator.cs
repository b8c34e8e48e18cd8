using Trainer.Encoders;
using Trainer.Evaluation;
using static TorchSharp.torch;

namespace Trainer.Training.Watching;

/// <summary>Measures a model under training on one collection: exact search over all its documents, tokenised once.</summary>
public sealed class CollectionEvaluator
{
    const int Depth = 100;
    static readonly Metric Ndcg = new(MetricKind.Ndcg, 10), Recall = new(MetricKind.Recall, Depth), Mrr = new(MetricKind.Mrr, 10);

    readonly RetrievalCollection _collection;
    readonly QrelSet _qrels;
    readonly TokenStore _queries;
    readonly TokenStore _documents;
    readonly List<(int Query, int Document)> _pairs;
    readonly int _batch;

    /// <summary>Tokenises the collection.</summary>
    /// <param name="watched">The collection.</param>
    /// <param name="model">Whose tokenizer, prompts and lengths are taken.</param>
    /// <param name="batch">Held-out pairs of a batch: the training's own batch size, or the two losses cannot be compared.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public CollectionEvaluator(WatchCollection watched, EmbeddingModel model, int batch, int threads, CancellationToken cancellationToken)
    {
        (Watched, _collection, _batch) = (watched, watched.Collection, Math.Max(2, batch));
        _qrels = new QrelSet(_collection.Qrels);
        _queries = model.Tokenize(_collection.Queries.Select(q => q.Text).ToList(), TextRole.Query, threads, cancellationToken);
        _documents = model.Tokenize(_collection.Documents.Select(d => d.Text).ToList(), TextRole.Passage, threads, cancellationToken);
        var row = _collection.Documents.Select((d, i) => (d.DocId, i)).ToDictionary(d => d.DocId, d => d.i, StringComparer.Ordinal);
        _pairs = watched.HeldOut ? [.. _collection.Queries.Select((q, i) => (i, First(q.QueryId, row))).Where(p => p.Item2 >= 0)] : [];
    }

    /// <summary>What it measures on.</summary>
    public WatchCollection Watched { get; }

    /// <summary>Scores of the model as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">The training's loss; null leaves it out.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public CollectionScores Measure(EmbeddingModel model, HeldOutLoss? loss, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var queries = model.Embed(_queries, TextRole.Query, cancellationToken: cancellationToken);
        var documents = model.Embed(_documents, TextRole.Passage, cancellationToken: cancellationToken);
        var run = ExactSearch.ToRun(ExactSearch.TopK(queries, documents, Depth, cancellationToken), _collection.Queries, _collection.Documents);
        var report = MetricCalculator.Evaluate(_qrels, run, MetricProfile.Trec, complete: true, [Ndcg, Recall, Mrr]);
        return new CollectionScores(report.Mean(Ndcg), report.Mean(Recall), report.Mean(Mrr), loss is null || _pairs.Count < 2 ? null : Loss(queries, documents, loss));
    }

    // The mean over whole batches; a shorter last one has fewer negatives and so a lower loss, and counts only where it is all there is.
    double Loss(Tensor queries, Tensor documents, HeldOutLoss loss)
    {
        double sum = 0;
        var batches = Math.Max(1, _pairs.Count / _batch);
        for (var b = 0; b < batches; b++)
        {
            using var scope = NewDisposeScope();
            var pairs = _pairs.GetRange(b * _batch, Math.Min(_batch, _pairs.Count - (b * _batch)));
            sum += loss(
                queries.index_select(0, tensor(pairs.Select(p => (long)p.Query).ToArray())),
                documents.index_select(0, tensor(pairs.Select(p => (long)p.Document).ToArray())),
                tensor(Excluded(pairs), [pairs.Count, pairs.Count]));
        }

        return sum / batches;
    }

    // Another query's positive that is also relevant to this query is no negative of it.
    bool[] Excluded(List<(int Query, int Document)> pairs)
    {
        var excluded = new bool[pairs.Count * pairs.Count];
        for (var r = 0; r < pairs.Count; r++)
        {
            var grades = _qrels[_collection.Queries[pairs[r].Query].QueryId]!;
            for (var c = 0; c < pairs.Count; c++)
            {
                excluded[(r * pairs.Count) + c] = r != c
                    && (pairs[r].Document == pairs[c].Document || grades.GetValueOrDefault(_collection.Documents[pairs[c].Document].DocId) > 0);
            }
        }

        return excluded;
    }

    int First(string queryId, Dictionary<string, int> row) => _qrels[queryId] is { } grades && grades.Where(g => g.Value > 0 && row.ContainsKey(g.Key)).Select(g => g.Key).FirstOrDefault() is { } docId
        ? row[docId]
        : -1;
}
