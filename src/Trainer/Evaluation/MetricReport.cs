namespace Trainer.Evaluation;

/// <summary>One query's values, in the order of <see cref="MetricReport.Metrics"/>.</summary>
public sealed record QueryMetrics(string QueryId, double[] Values);

/// <summary>How many queries there were and how many counted.</summary>
/// <param name="Scored">Queries in the mean.</param>
/// <param name="Judged">Queries in the qrels.</param>
/// <param name="InRun">Queries in the run.</param>
/// <param name="Missing">Judged queries that the run lacks.</param>
/// <param name="Unjudged">Queries of the run that the qrels lack: never scored.</param>
/// <param name="WithoutRelevant">Judged queries without a relevant document.</param>
public sealed record QueryCounts(int Scored, int Judged, int InRun, int Missing, int Unjudged, int WithoutRelevant);

/// <summary>Metrics of a run: per query in ordinal order of the query id, and their means.</summary>
/// <param name="Profile">The conventions.</param>
/// <param name="Complete">Whether judged queries that the run lacks count 0.</param>
/// <param name="Metrics">What was computed.</param>
/// <param name="Queries">Values by query.</param>
/// <param name="Counts">Counts of queries.</param>
public sealed record MetricReport(MetricProfile Profile, bool Complete, IReadOnlyList<Metric> Metrics, IReadOnlyList<QueryMetrics> Queries, QueryCounts Counts)
{
    /// <summary>Values of one metric over the scored queries.</summary>
    /// <exception cref="TrainerException">The metric was not computed.</exception>
    public double[] Values(Metric metric)
    {
        var at = Metrics.ToList().IndexOf(metric);
        return at < 0
            ? throw new TrainerException($"Metric {metric} was not computed; computed: {string.Join(", ", Metrics)}.")
            : Queries.Select(q => q.Values[at]).ToArray();
    }

    /// <summary>Mean of a metric over the scored queries; 0 without any.</summary>
    public double Mean(Metric metric)
    {
        var values = Values(metric);
        return values.Length == 0 ? 0 : values.Sum() / values.Length;
    }
}
