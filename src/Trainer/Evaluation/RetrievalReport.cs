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
/// <param name="Systems">bm25, model, hybrid; of a cross-encoder bm25, retriever where one found the candidates, and model, the order that it made of them.</param>
/// <param name="Analyzer">BM25's analyzer.</param>
/// <param name="Hybrid">How the two were combined; null for a cross-encoder.</param>
/// <param name="Weight">The model's weight in a weighted hybrid; null for reciprocal ranks.</param>
/// <param name="DevQueries">Dev queries that analyzer and weight were chosen on; 0 where nothing was chosen.</param>
/// <param name="Documents">Documents searched.</param>
public sealed record RetrievalReport(IReadOnlyList<SystemReport> Systems, string Analyzer, HybridKind? Hybrid, double? Weight, int DevQueries, int Documents)
{
    /// <summary>
    /// Means of the baseline model, or of the order that a cross-encoder began with, and how far the model is above it, query by query, with 95 % intervals, in the order of the trec metrics; null without one.
    /// </summary>
    public IReadOnlyList<(double Baseline, Interval Difference)>? OverBaseline { get; init; }

    /// <summary>Of a cross-encoder: whose results it ordered anew (bm25, retriever), how many of each query's, and how many pairs it read; else null.</summary>
    public (string First, int Depth, int Pairs)? Reranked { get; init; }

    /// <summary>The system with this name.</summary>
    public SystemReport this[string name] => Systems.Single(s => s.Name == name);
}
