using DataPrep.Text;
using Trainer.Encoders.Transformers;
using Trainer.Evaluation;
using Trainer.Training.Watching;

namespace Trainer.Training;

/// <summary>
/// Measures a cross-encoder under training: held-out queries, each with its relevant documents among a seeded sample of others, ranked by the scores of the pairs. A collection cannot be searched
/// with a cross-encoder, so figures are those of a short list and not to be held against a retriever's.
/// </summary>
sealed class RerankEvaluator
{
    const int Candidates = 20;
    const int MostQueries = 100;
    static readonly Metric Ndcg = new(MetricKind.Ndcg, 10), Mrr = new(MetricKind.Mrr, 10);

    /// <summary>Names of the series that it gives.</summary>
    public static IReadOnlyList<string> Series { get; } = ["dev" + WatchKeys.NdcgSuffix, "dev_mrr@10"];

    readonly CrossEncoder _model;
    readonly ITokenizer _tokenizer;
    readonly QrelSet _qrels;
    readonly List<(string QueryId, string Query, string DocId, string Text)> _pairs = [];

    /// <summary>Draws the lists: a function of collection and seed.</summary>
    /// <param name="collection">Held-out queries and documents.</param>
    /// <param name="model">What is measured.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="seed">Seed of the samples.</param>
    public RerankEvaluator(RetrievalCollection collection, CrossEncoder model, ITokenizer tokenizer, long seed)
    {
        (_model, _tokenizer) = (model, tokenizer);
        _qrels = new QrelSet(collection.Qrels);
        var texts = collection.Documents.ToDictionary(d => d.DocId, d => d.Text, StringComparer.Ordinal);
        foreach (var query in Sample.Take(collection.Queries, MostQueries, seed, "rerank queries"))
        {
            var relevant = (_qrels[query.QueryId] ?? new Dictionary<string, int>()).Where(g => g.Value > 0 && texts.ContainsKey(g.Key)).Select(g => g.Key).Order(StringComparer.Ordinal).Take(Candidates / 2).ToList();
            var others = Sample.Take(collection.Documents, Candidates, seed, $"rerank:{query.QueryId}").Select(d => d.DocId).Except(relevant, StringComparer.Ordinal).Take(Candidates - relevant.Count);
            _pairs.AddRange(relevant.Concat(others).Select(id => (query.QueryId, query.Text, id, texts[id])));
        }
    }

    /// <summary>nDCG@10 and MRR@10 of the model as it is.</summary>
    public IReadOnlyList<MetricPoint> Measure(int step, CancellationToken cancellationToken)
    {
        var scores = _model.Score(_tokenizer, [.. _pairs.Select(p => p.Query)], [.. _pairs.Select(p => p.Text)], cancellationToken: cancellationToken);
        var run = new RetrievalRun();
        foreach (var list in _pairs.Zip(scores, (pair, score) => (pair, score)).GroupBy(p => p.pair.QueryId))
        {
            run.Add(list.Key, [.. list.Select(p => new ScoredDocument(p.pair.DocId, p.score))]);
        }

        var report = MetricCalculator.Evaluate(_qrels, run, MetricProfile.Trec, metrics: [Ndcg, Mrr]);
        return [new(Series[0], step, report.Mean(Ndcg)), new(Series[1], step, report.Mean(Mrr))];
    }
}
