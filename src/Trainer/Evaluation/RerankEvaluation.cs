using DataPrep;
using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;

namespace Trainer.Evaluation;

/// <summary>
/// Measures a cross-encoder on a collection: the first results of BM25, or of a model, ordered anew by the scores of their pairs, held against the order before, query by query. What the first search did not
/// find it cannot find either.
/// </summary>
public static class RerankEvaluation
{
    /// <summary>Evaluates.</summary>
    /// <param name="test">What is reported.</param>
    /// <param name="dev">What BM25's analyzer is chosen on; null takes the first.</param>
    /// <param name="model">The cross-encoder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="retriever">The model whose results it orders; null for BM25's.</param>
    /// <param name="options">Options of the first search and of the intervals.</param>
    /// <param name="rerank">Options of the second.</param>
    /// <param name="seed">Seed of the dev sample and of the bootstrap.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrainerException">There is no query, or no judgment of a query.</exception>
    public static RetrievalReport Run(
        RetrievalCollection test, RetrievalCollection? dev, CrossEncoder model, ITokenizer tokenizer, EmbeddingModel? retriever, RetrievalOptions options, RerankOptions rerank, long seed, int threads,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (test.Queries.Count == 0 || test.Documents.Count == 0)
        {
            throw new TrainerException($"The collection has {test.Queries.Count} queries and {test.Documents.Count} documents; expected at least one of each.");
        }

        set_num_threads(threads);
        var tuning = dev is { Queries.Count: > 0 } ? dev.Subset(options.DevQueries, int.MaxValue, seed) : null;
        var choice = new LexicalChoice(options, threads, progress, cancellationToken);
        var (analyzer, _) = choice.Choose(tuning);
        Say("searching");
        var lexical = RetrievalEvaluation.Lexical(test, choice.Index(test, analyzer), options.Depth, threads, cancellationToken);
        var found = retriever is null ? null : RetrievalEvaluation.Dense(test, retriever, options.Depth, threads, cancellationToken);
        var before = found ?? lexical;
        var (after, pairs) = Order(test, before, new PairScorer(model, tokenizer, rerank.MaxLength), rerank.Depth, progress, cancellationToken);

        Say("measuring");
        var qrels = new QrelSet(test.Qrels);
        var first = SystemReports.Of("bm25", qrels, lexical, null, seed, options.Resamples);
        return new RetrievalReport(
            [first, .. found is null ? [] : new[] { Of("retriever", found) }, Of("model", after)], analyzer, null, null, tuning?.Queries.Count ?? 0, test.Documents.Count)
        {
            OverBaseline = SystemReports.Over(qrels, after, before, seed, options.Resamples),
            Reranked = (found is null ? "bm25" : "retriever", rerank.Depth, pairs),
        };

        SystemReport Of(string name, RetrievalRun run) => SystemReports.Of(name, qrels, run, first.Trec, seed, options.Resamples);

        void Say(string what) => progress?.Report(new StageProgress(0, 0, "queries", what));
    }

    /// <summary>Orders the first results of each query by the scores of a cross-encoder; equal ones, and the rest behind them, keep their order.</summary>
    /// <returns>The new run, and the pairs that were scored.</returns>
    public static (RetrievalRun Run, int Pairs) Order(
        RetrievalCollection collection, RetrievalRun first, PairScorer scorer, int depth, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var texts = collection.Documents.ToDictionary(d => d.DocId, d => d.Text, StringComparer.Ordinal);
        var (run, pairs) = (new RetrievalRun(), 0);
        foreach (var (index, query) in collection.Queries.Index())
        {
            var ranked = RetrievalRun.Rank(first[query.QueryId] ?? [], MetricProfile.Trec);
            var head = ranked.Take(depth).ToList();
            var scored = scorer.Score(head.Select(d => (d.DocId, query.Text, texts[d.DocId])), cancellationToken).OrderByDescending(s => s.Score).ToList();

            // Places are the scores: metrics break ties by id, which is not the order before.
            run.Add(query.QueryId, [.. scored.Select(s => s.Key).Concat(ranked.Skip(depth).Select(d => d.DocId)).Select((id, place) => new ScoredDocument(id, -place))]);
            pairs += head.Count;
            progress?.Report(new StageProgress(index + 1, collection.Queries.Count, "queries"));
        }

        return (run, pairs);
    }
}
