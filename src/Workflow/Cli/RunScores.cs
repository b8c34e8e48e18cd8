using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary>
/// Scores of a run's last evaluation, from the file <c>scores.json</c> of its scores artifact: <c>{"systems":{"bm25":{"ndcg@10":0.25}},"intervals":{"bm25":{"ndcg@10":[0.23,0.27]}}}</c>.
/// </summary>
sealed class RunScores
{
    static readonly string[] columns = ["ndcg@10", "mrr@10", "recall@100"];
    static readonly string[] order = ["bm25", "model", "hybrid"];

    RunScores(SortedDictionary<string, SortedDictionary<string, Score>> systems) => Systems = systems;

    /// <summary>Score by metric by system.</summary>
    public SortedDictionary<string, SortedDictionary<string, Score>> Systems { get; }

    /// <summary>The scores of the last finished stage that published some; null where none did.</summary>
    public static RunScores? Read(HomePaths paths, IReadOnlyList<OutputRow> outputs)
    {
        var artifact = outputs.LastOrDefault(o => o.Artifact.Kind == "scores" && !o.NodeId.Contains('/'))?.Artifact;
        return artifact is not null && ArtifactFiles.PathOf(paths, artifact.Id, "scores.json") is { } file ? Parse(File.ReadAllText(file)) : null;
    }

    /// <summary>Reads scores.json.</summary>
    public static RunScores Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var intervals = document.RootElement.TryGetProperty("intervals", out var found) ? found : default;
        var result = new SortedDictionary<string, SortedDictionary<string, Score>>(StringComparer.Ordinal);
        foreach (var system in document.RootElement.GetProperty("systems").EnumerateObject())
        {
            var metrics = new SortedDictionary<string, Score>(StringComparer.Ordinal);
            foreach (var metric in system.Value.EnumerateObject())
            {
                var (low, high) = IntervalOf(intervals, system.Name, metric.Name);
                metrics[metric.Name] = new Score(metric.Value.GetDouble(), low, high);
            }

            result[system.Name] = metrics;
        }

        return new RunScores(result);
    }

    /// <summary>BM25, model and hybrid first, then any other system.</summary>
    public static void Write(IReadOnlyDictionary<string, IReadOnlyDictionary<string, Score>> systems, TextWriter output)
    {
        var table = new TextTable(["system", .. columns.Select(c => c.Replace("ndcg", "nDCG").Replace("mrr", "MRR").Replace("recall", "Recall"))]);
        foreach (var name in systems.Keys.OrderBy(s => Array.IndexOf(order, s) is >= 0 and var at ? at : order.Length))
        {
            table.Add([name == "bm25" ? "BM25" : name, .. columns.Select(c => systems[name].TryGetValue(c, out var score) ? Text(score) : "")]);
        }

        table.Write(output);
    }

    static string Text(Score score) => score is { Low: { } low, High: { } high } ? $"{score.Mean:.0000} [{low:.000}, {high:.000}]" : $"{score.Mean:.0000}";

    static (double? Low, double? High) IntervalOf(JsonElement intervals, string system, string metric) =>
        intervals.ValueKind == JsonValueKind.Object && intervals.TryGetProperty(system, out var metrics) && metrics.TryGetProperty(metric, out var pair)
            ? (pair[0].GetDouble(), pair[1].GetDouble())
            : (null, null);
}
