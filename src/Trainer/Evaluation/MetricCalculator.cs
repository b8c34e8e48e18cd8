using DataPrep;

namespace Trainer.Evaluation;

/// <summary>Retrieval metrics as trec_eval and sentence-transformers define them (<see cref="MetricProfile"/>), in double precision.</summary>
public static class MetricCalculator
{
    /// <summary>Scores a run.</summary>
    /// <param name="qrels">Judgments; a document is relevant from grade 1, negative grades are unjudged.</param>
    /// <param name="run">Result lists.</param>
    /// <param name="profile">Conventions.</param>
    /// <param name="complete">Profile trec: a judged query missing from the run counts 0 (trec_eval -c). Profile sentence-transformers always does.</param>
    /// <param name="metrics">What to compute; null for <see cref="Metric.Standard"/>.</param>
    public static MetricReport Evaluate(IEnumerable<Qrel> qrels, RetrievalRun run, MetricProfile profile, bool complete = false, IReadOnlyList<Metric>? metrics = null) =>
        Evaluate(new QrelSet(qrels), run, profile, complete, metrics);

    /// <summary>Scores a run.</summary>
    public static MetricReport Evaluate(QrelSet qrels, RetrievalRun run, MetricProfile profile, bool complete = false, IReadOnlyList<Metric>? metrics = null)
    {
        metrics ??= Metric.Standard;
        var queries = new List<QueryMetrics>();
        int missing = 0, withoutRelevant = 0;
        foreach (var queryId in qrels.QueryIds.Order(StringComparer.Ordinal))
        {
            var grades = qrels[queryId]!;
            var results = run[queryId];
            var relevant = grades.Values.Count(g => g > 0);
            missing += results is null ? 1 : 0;
            withoutRelevant += relevant == 0 ? 1 : 0;
            if (profile == MetricProfile.Trec ? results is not null || complete : relevant > 0)
            {
                queries.Add(new QueryMetrics(queryId, Score(grades, relevant, results ?? [], profile, metrics)));
            }
        }

        var counts = new QueryCounts(queries.Count, qrels.QueryIds.Count, run.Count, missing, run.QueryIds.Count(q => qrels[q] is null), withoutRelevant);
        return new MetricReport(profile, complete || profile == MetricProfile.SentenceTransformers, metrics, queries, counts);
    }

    static double[] Score(
        IReadOnlyDictionary<string, int> grades, int relevant, IReadOnlyList<ScoredDocument> results, MetricProfile profile, IReadOnlyList<Metric> metrics)
    {
        var values = new double[metrics.Count];
        if (relevant == 0)
        {
            return values;
        }

        var ranked = RetrievalRun.Rank(results, profile);
        var gains = new int[ranked.Length];
        for (var i = 0; i < ranked.Length; i++)
        {
            gains[i] = Gain(grades.GetValueOrDefault(ranked[i].DocId), profile);
        }

        var ideal = grades.Values.Select(g => Gain(g, profile)).Where(g => g > 0).OrderDescending().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(metrics[i], gains, ideal, profile);
        }

        return values;
    }

    static int Gain(int grade, MetricProfile profile) => profile == MetricProfile.Trec ? Math.Max(grade, 0) : grade > 0 ? 1 : 0;

    static double Value(Metric metric, int[] gains, int[] ideal, MetricProfile profile)
    {
        var cut = Math.Min(metric.Cut, gains.Length);
        var top = gains.AsSpan(0, cut);
        var relevant = ideal.Length;
        switch (metric.Kind)
        {
            case MetricKind.Ndcg:
                return Dcg(top) / Dcg(ideal.AsSpan(0, Math.Min(metric.Cut, relevant)));
            case MetricKind.Mrr:
                var first = top.IndexOfAnyInRange(1, int.MaxValue);
                return first < 0 ? 0 : 1.0 / (first + 1);
            case MetricKind.Recall:
                return (double)Hits(top) / relevant;
            case MetricKind.Precision:
                // Without a cut, over what was retrieved.
                var of = metric.Cut == int.MaxValue ? Math.Max(gains.Length, 1) : metric.Cut;
                return (double)Hits(top) / of;
            case MetricKind.Accuracy:
                return Hits(top) > 0 ? 1 : 0;
            case MetricKind.Map:
                double sum = 0;
                var hits = 0;
                for (var i = 0; i < cut; i++)
                {
                    sum += top[i] > 0 ? (double)++hits / (i + 1) : 0;
                }

                return sum / (profile == MetricProfile.Trec ? relevant : Math.Min(metric.Cut, relevant));
            default:
                throw new ArgumentOutOfRangeException(nameof(metric), metric.Kind, "Unknown metric.");
        }
    }

    static int Hits(ReadOnlySpan<int> gains)
    {
        var hits = 0;
        foreach (var gain in gains)
        {
            hits += gain > 0 ? 1 : 0;
        }

        return hits;
    }

    static double Dcg(ReadOnlySpan<int> gains)
    {
        double sum = 0;
        for (var i = 0; i < gains.Length; i++)
        {
            sum += gains[i] / Math.Log2(i + 2);
        }

        return sum;
    }
}
