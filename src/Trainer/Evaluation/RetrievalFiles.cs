using System.Text.Encodings.Web;
using System.Text.Json;
using DataPrep.Tables;

namespace Trainer.Evaluation;

/// <summary>Writes an evaluation: <c>scores.json</c> and <c>per_query.parquet</c>. Equal reports give equal bytes.</summary>
public static class RetrievalFiles
{
    /// <summary>Name of the file of means, intervals and choices.</summary>
    public const string ScoresFile = "scores.json";

    /// <summary>Name of the table of values by query and system.</summary>
    public const string PerQueryFile = "per_query.parquet";

    static readonly string[] Names = ["bm25", "retriever", "model", "hybrid"];

    /// <summary>Columns of the table: query, system, then one column per standard metric, named as the metric is.</summary>
    public static TableSchema PerQuerySchema { get; } = new(
        [new Column("query_id", ColumnType.String), new Column("system", ColumnType.String), .. Metric.Standard.Select(m => new Column(m.ToString(), ColumnType.Float64))]);

    /// <summary>Writes both files.</summary>
    /// <returns>The written table.</returns>
    public static TableFile Write(string folder, RetrievalReport report, ITableStore tables, CancellationToken cancellationToken = default)
    {
        WriteScores(Path.Combine(folder, ScoresFile), report);
        var rows = report.Systems.SelectMany(s => s.Trec.Queries.Select(q => (q.QueryId, s.Name, q.Values)))
            .OrderBy(r => r.QueryId, StringComparer.Ordinal).ThenBy(r => Array.IndexOf(Names, r.Name)).ToList();
        var batch = new ColumnBatch(rows.Count, [
            rows.Select(r => r.QueryId).ToArray(), rows.Select(r => r.Name).ToArray(),
            .. Enumerable.Range(0, Metric.Standard.Count).Select(m => rows.Select(r => r.Values[m]).ToArray())]);
        return tables.Write(Path.Combine(folder, PerQueryFile), PerQuerySchema, [batch], cancellationToken);
    }

    static void WriteScores(string path, RetrievalReport report)
    {
        using var file = new FileStream(path, FileMode.Create);
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("profile", "trec");
            json.WriteBoolean("complete", true);
            WriteCounts(json, report);
            WriteMetrics(json, "systems", report.Systems, s => s.Trec);
            WriteIntervals(json, "intervals", report.Systems, s => s.Intervals);
            WriteIntervals(json, "differences_to_bm25", report.Systems.Where(s => s.Differences is not null), s => s.Differences!);
            WriteOverBaseline(json, report);
            WriteMetrics(json, "sentence_transformers", report.Systems, s => s.SentenceTransformers);
            json.WriteStartObject("bm25");
            json.WriteString("analyzer", report.Analyzer);
            json.WriteEndObject();
            WriteHow(json, report);
            json.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    static void WriteHow(Utf8JsonWriter json, RetrievalReport report)
    {
        if (report.Reranked is var (first, depth, pairs))
        {
            json.WriteStartObject("reranked");
            json.WriteString("first", first);
            json.WriteNumber("depth", depth);
            json.WriteNumber("pairs", pairs);
        }
        else
        {
            json.WriteStartObject("hybrid");
            json.WriteString("kind", report.Hybrid == HybridKind.Weighted ? "weighted" : "reciprocal_rank");
            if (report.Weight is { } weight)
            {
                json.WriteNumber("model_weight", weight);
            }
        }

        json.WriteNumber("dev_queries", report.DevQueries);
        json.WriteEndObject();
    }

    static void WriteCounts(Utf8JsonWriter json, RetrievalReport report)
    {
        var counts = report.Systems[0].Trec.Counts;
        json.WriteNumber("documents", report.Documents);
        json.WriteStartObject("queries");
        json.WriteNumber("trec", counts.Scored);
        json.WriteNumber("sentence_transformers", report.Systems[0].SentenceTransformers.Counts.Scored);
        json.WriteNumber("judged", counts.Judged);
        json.WriteNumber("without_relevant", counts.WithoutRelevant);
        json.WriteEndObject();
    }

    static void WriteOverBaseline(Utf8JsonWriter json, RetrievalReport report)
    {
        if (report.OverBaseline is not { } over)
        {
            return;
        }

        json.WriteStartObject("over_baseline");
        foreach (var (metric, (baseline, difference)) in report["model"].Trec.Metrics.Zip(over))
        {
            json.WriteStartObject(metric.ToString());
            json.WriteNumber("baseline", baseline);
            json.WriteNumber("difference", difference.Mean);
            json.WriteNumber("low", difference.Low);
            json.WriteNumber("high", difference.High);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void WriteMetrics(Utf8JsonWriter json, string name, IEnumerable<SystemReport> systems, Func<SystemReport, MetricReport> report)
    {
        json.WriteStartObject(name);
        foreach (var system in systems)
        {
            json.WriteStartObject(system.Name);
            foreach (var metric in report(system).Metrics)
            {
                json.WriteNumber(metric.ToString(), report(system).Mean(metric));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void WriteIntervals(Utf8JsonWriter json, string name, IEnumerable<SystemReport> systems, Func<SystemReport, IReadOnlyList<Interval>> intervals)
    {
        json.WriteStartObject(name);
        foreach (var system in systems)
        {
            json.WriteStartObject(system.Name);
            foreach (var (metric, interval) in system.Trec.Metrics.Zip(intervals(system)))
            {
                json.WriteStartArray(metric.ToString());
                json.WriteNumberValue(interval.Low);
                json.WriteNumberValue(interval.High);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
