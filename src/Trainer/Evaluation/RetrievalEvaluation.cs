using DataPrep;
using DataPrep.Text.Bm25;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Evaluation;

/// <summary>
/// Measures a model on a collection, with BM25 and a hybrid of both beside it. What can be chosen (BM25's analyzer, the hybrid's weight) is chosen on dev queries,
/// never on the queries that are reported.
/// </summary>
public static class RetrievalEvaluation
{
    static readonly Metric Criterion = new(MetricKind.Ndcg, 10);

    /// <summary>Evaluates.</summary>
    /// <param name="test">What is reported.</param>
    /// <param name="dev">What choices are made on; null takes the first analyzer and the first weight.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of the dev sample and of the bootstrap.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="before">A model that the model is held against, as the one it was trained from; null for none.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrainerException">There is no query, or no judgment of a query.</exception>
    public static RetrievalReport Run(
        RetrievalCollection test, RetrievalCollection? dev, EmbeddingModel model, RetrievalOptions options, long seed, int threads,
        EmbeddingModel? before = null, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (test.Queries.Count == 0 || test.Documents.Count == 0)
        {
            throw new TrainerException($"The collection has {test.Queries.Count} queries and {test.Documents.Count} documents; expected at least one of each.");
        }

        set_num_threads(threads);
        var tuning = dev is { Queries.Count: > 0 } ? dev.Subset(options.DevQueries, int.MaxValue, seed) : null;
        var devQrels = tuning is null ? null : new QrelSet(tuning.Qrels);

        var lexicalChoice = new LexicalChoice(options, threads, progress, cancellationToken);
        var (analyzer, index) = lexicalChoice.Choose(tuning);
        BothSearch? tried = null;
        if (tuning is not null && options.Hybrid == HybridKind.Weighted && options.Weights.Count > 1)
        {
            Say("choosing the hybrid's weight on dev queries");
            tried = new BothSearch(tuning, index ?? lexicalChoice.Index(tuning, analyzer), model, options.Depth, options.Normalization, threads, cancellationToken);
        }

        double? weight = options.Hybrid == HybridKind.Weighted ? tried is null ? options.Weights[0] : options.Weights.MaxBy(w => OnDev(tried.Weighted(w, Criterion.Cut))) : null;
        Say("searching with BM25 and with the model");
        var shared = tuning is not null && ReferenceEquals(tuning.Documents, test.Documents) ? index : null;
        var search = new BothSearch(test, shared ?? lexicalChoice.Index(test, analyzer), model, options.Depth, options.Normalization, threads, cancellationToken);
        var (lexical, dense) = (search.Bm25, search.Model);

        Say("combining and measuring");
        var hybrid = weight is { } chosen ? search.Weighted(chosen, options.Depth) : search.ReciprocalRank(options.Depth);
        var qrels = new QrelSet(test.Qrels);
        var baseline = MetricCalculator.Evaluate(qrels, lexical, MetricProfile.Trec, complete: true);
        return new RetrievalReport(
            [Report("bm25", lexical, null), Report("model", dense, baseline), Report("hybrid", hybrid, baseline)],
            analyzer, options.Hybrid, weight, tuning?.Queries.Count ?? 0, test.Documents.Count)
        {
            OverBaseline = before is null ? null : Over(Dense(test, before, options.Depth, threads, cancellationToken)),
        };

        IReadOnlyList<(double, Interval)> Over(RetrievalRun run) => SystemReports.Over(qrels, dense, run, seed, options.Resamples);

        SystemReport Report(string name, RetrievalRun run, MetricReport? against) => SystemReports.Of(name, qrels, run, against, seed, options.Resamples);

        double OnDev(RetrievalRun run) => MetricCalculator.Evaluate(devQrels!, run, MetricProfile.Trec, complete: true, [Criterion]).Mean(Criterion);

        void Say(string what) => progress?.Report(new StageProgress(0, 0, "queries", what));
    }

    /// <summary>Searches with a model alone.</summary>
    internal static RetrievalRun Dense(RetrievalCollection collection, EmbeddingModel model, int depth, int threads, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var queries = model.Embed(model.Tokenize([.. collection.Queries.Select(q => q.Text)], TextRole.Query, threads, cancellationToken), TextRole.Query, cancellationToken: cancellationToken);
        var documents = model.Embed(model.Tokenize([.. collection.Documents.Select(d => d.Text)], TextRole.Passage, threads, cancellationToken), TextRole.Passage, cancellationToken: cancellationToken);
        return ExactSearch.ToRun(ExactSearch.TopK(queries, documents, depth, cancellationToken), collection.Queries, collection.Documents);
    }

    /// <summary>Searches with BM25 alone.</summary>
    public static RetrievalRun Lexical(RetrievalCollection collection, Bm25Index index, int depth, int threads, CancellationToken cancellationToken = default)
    {
        var hits = index.SearchAll(collection.Queries.Select(q => q.Text).ToList(), depth, threads, cancellationToken);
        var run = new RetrievalRun();
        foreach (var (query, found) in collection.Queries.Zip(hits))
        {
            run.Add(query.QueryId, found.Select(h => new ScoredDocument(collection.Documents[h.Document].DocId, h.Score)).ToList());
        }

        return run;
    }
}
