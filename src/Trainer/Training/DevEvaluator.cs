using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>Measures a model under training on held-out queries: loss over in-batch negatives and nDCG@10 (profile trec, complete).</summary>
public sealed class DevEvaluator
{
    static readonly Metric Ndcg = new(MetricKind.Ndcg, 10);

    readonly RetrievalCollection _collection;
    readonly QrelSet _qrels;
    readonly TokenStore _queries;
    readonly TokenStore _documents;
    readonly List<(int Query, int Document)> _pairs;

    /// <summary>Tokenises the collection.</summary>
    public DevEvaluator(RetrievalCollection collection, EmbeddingModel model, int threads, CancellationToken cancellationToken)
    {
        _collection = collection;
        _qrels = new QrelSet(collection.Qrels);
        _queries = model.Tokenize(collection.Queries.Select(q => q.Text).ToList(), TextRole.Query, threads, cancellationToken);
        _documents = model.Tokenize(collection.Documents.Select(d => d.Text).ToList(), TextRole.Passage, threads, cancellationToken);
        var row = collection.Documents.Select((d, i) => (d.DocId, i)).ToDictionary(d => d.DocId, d => d.i, StringComparer.Ordinal);
        _pairs = [.. collection.Queries.Select((q, i) => (i, collection.Qrels.FirstOrDefault(r => r.QueryId == q.QueryId && r.Grade > 0)))
            .Where(p => p.Item2 is not null).Select(p => (p.i, row[p.Item2!.DocId]))];
    }

    /// <summary>Loss and nDCG@10 of the model as it is.</summary>
    public (double Loss, double Ndcg) Evaluate(EmbeddingModel model, ILoss loss, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var queries = model.Embed(_queries, TextRole.Query, cancellationToken: cancellationToken);
        var documents = model.Embed(_documents, TextRole.Passage, cancellationToken: cancellationToken);
        var run = ExactSearch.ToRun(ExactSearch.TopK(queries, documents, 10, cancellationToken), _collection.Queries, _collection.Documents);
        var ndcg = MetricCalculator.Evaluate(_qrels, run, MetricProfile.Trec, complete: true, [Ndcg]).Mean(Ndcg);

        var own = queries.index_select(0, tensor(_pairs.Select(p => (long)p.Query).ToArray()));
        var positives = documents.index_select(0, tensor(_pairs.Select(p => (long)p.Document).ToArray()));
        return (loss.Compute(LossInputs.Dense(own, positives, tensor(Excluded(), [_pairs.Count, _pairs.Count]))).Total.ToDouble(), ndcg);
    }

    // Another query's positive that is also this query's is no negative of it.
    bool[] Excluded()
    {
        var excluded = new bool[_pairs.Count * _pairs.Count];
        for (var r = 0; r < _pairs.Count; r++)
        {
            var grades = _qrels[_collection.Queries[_pairs[r].Query].QueryId]!;
            for (var c = 0; c < _pairs.Count; c++)
            {
                excluded[(r * _pairs.Count) + c] = r != c && (_pairs[r].Document == _pairs[c].Document || grades.ContainsKey(_collection.Documents[_pairs[c].Document].DocId));
            }
        }

        return excluded;
    }
}
