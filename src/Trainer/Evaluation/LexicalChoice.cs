using DataPrep;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace Trainer.Evaluation;

/// <summary>BM25's analyzer, chosen on dev queries, never on those that are reported.</summary>
/// <param name="options">Analyzers and constants.</param>
/// <param name="threads">Threads.</param>
/// <param name="progress">What is being done.</param>
/// <param name="cancellationToken">Stops between blocks.</param>
sealed class LexicalChoice(RetrievalOptions options, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
{
    static readonly Metric Criterion = new(MetricKind.Ndcg, 10);

    /// <summary>The analyzer with the best nDCG@10, and its index over the dev collection where one was made; without dev queries the first.</summary>
    public (string Analyzer, Bm25Index? OverDev) Choose(RetrievalCollection? dev)
    {
        if (dev is null)
        {
            return (options.Analyzers[0], null);
        }

        var qrels = new QrelSet(dev.Qrels);
        var best = (Analyzer: "", Index: (Bm25Index?)null, Score: double.NegativeInfinity);
        foreach (var candidate in options.Analyzers)
        {
            progress?.Report(new StageProgress(0, 0, "queries", $"indexing with analyzer {candidate}"));
            var over = Index(dev, candidate);
            var score = options.Analyzers.Count == 1 ? 0
                : MetricCalculator.Evaluate(qrels, RetrievalEvaluation.Lexical(dev, over, Criterion.Cut, threads, cancellationToken), MetricProfile.Trec, complete: true, [Criterion]).Mean(Criterion);
            best = score > best.Score ? (candidate, over, score) : best;
        }

        return (best.Analyzer, best.Index);
    }

    /// <summary>An index over a collection's documents.</summary>
    public Bm25Index Index(RetrievalCollection collection, string analyzer) => Bm25Index.Build(
        collection.Documents.Select(d => d.Text).ToList(), AnalyzerTable.Create(analyzer), new Bm25Options { K1 = options.K1, B = options.B }, threads, progress, cancellationToken);
}
