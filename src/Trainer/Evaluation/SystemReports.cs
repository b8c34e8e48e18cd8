namespace Trainer.Evaluation;

/// <summary>Result lists to figures with intervals.</summary>
static class SystemReports
{
    /// <summary>One system's figures.</summary>
    /// <param name="name">bm25, retriever, model, hybrid.</param>
    /// <param name="qrels">The judgments.</param>
    /// <param name="run">Its results.</param>
    /// <param name="against">BM25's figures; null for BM25 itself.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <param name="resamples">Its resamples.</param>
    public static SystemReport Of(string name, QrelSet qrels, RetrievalRun run, MetricReport? against, long seed, int resamples)
    {
        var trec = MetricCalculator.Evaluate(qrels, run, MetricProfile.Trec, complete: true);
        return new SystemReport(
            name, run, trec, MetricCalculator.Evaluate(qrels, run, MetricProfile.SentenceTransformers),
            trec.Metrics.Select(m => Bootstrap.Mean(trec.Values(m), seed, resamples)).ToList(),
            against is null ? null : trec.Metrics.Select(m => Bootstrap.PairedDifference(trec.Values(m), against.Values(m), seed, resamples)).ToList());
    }

    /// <summary>Means of a baseline and how far a system is above it, in the order of the metrics.</summary>
    public static IReadOnlyList<(double Baseline, Interval Difference)> Over(QrelSet qrels, RetrievalRun system, RetrievalRun baseline, long seed, int resamples)
    {
        var (own, other) = (MetricCalculator.Evaluate(qrels, system, MetricProfile.Trec, complete: true), MetricCalculator.Evaluate(qrels, baseline, MetricProfile.Trec, complete: true));
        return [.. own.Metrics.Select(m => (other.Mean(m), Bootstrap.PairedDifference(own.Values(m), other.Values(m), seed, resamples)))];
    }
}
