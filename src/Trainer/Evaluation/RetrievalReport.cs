namespace Trainer.Evaluation;

/// <summary>One system's results.</summary>
/// <param name="Name">bm25, model or hybrid.</param>
/// <param name="Run">Its result lists.</param>
/// <param name="Trec">Metrics, profile trec, complete.</param>
/// <param name="SentenceTransformers">Metrics, profile sentence-transformers.</param>
/// <param name="Intervals">95 % intervals of the trec metrics, in their order.</param>
/// <param name="Differences">95 % intervals of the difference to BM25, query by query; null for BM25 itself.</param>
public sealed record SystemReport(
    string Name, RetrievalRun Run, MetricReport Trec, MetricReport SentenceTransformers, IReadOnlyList<Interval> Intervals, IReadOnlyList<Interval>? Differences);

/// <summary>What an evaluation found.</summary>
/// <param name="Systems">bm25, model, hybrid.</param>
/// <param name="Analyzer">BM25's analyzer.</param>
/// <param name="Hybrid">How the two were combined.</param>
/// <param name="Weight">The model's weight in a weighted hybrid; null for reciprocal ranks.</param>
/// <param name="DevQueries">Dev queries that analyzer and weight were chosen on; 0 where nothing was chosen.</param>
/// <param name="Documents">Documents searched.</param>
public sealed record RetrievalReport(IReadOnlyList<SystemReport> Systems, string Analyzer, HybridKind Hybrid, double? Weight, int DevQueries, int Documents)
{
    /// <summary>Means of the baseline model and how far the model is above it, query by query, with 95 % intervals, in the order of the trec metrics; null without a baseline.</summary>
    public IReadOnlyList<(double Baseline, Interval Difference)>? OverBaseline { get; init; }

    /// <summary>The system with this name.</summary>
    public SystemReport this[string name] => Systems.Single(s => s.Name == name);
}
