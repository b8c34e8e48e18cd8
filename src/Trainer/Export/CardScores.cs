using System.Text.Json;

namespace Trainer.Export;

/// <summary>Measurements for a model card, as <c>scores.json</c> of an evaluation holds them.</summary>
/// <param name="Id">Hash of the artifact; empty where there is none.</param>
/// <param name="Profile">Conventions of the metrics: <c>trec</c>, or <c>trec, complete</c>.</param>
/// <param name="Documents">Documents searched.</param>
/// <param name="Queries">Queries scored.</param>
/// <param name="Systems">Mean and 95 % interval by metric by system.</param>
public sealed record CardScores(string Id, string Profile, long Documents, long Queries, IReadOnlyList<(string System, IReadOnlyList<CardMetric> Metrics)> Systems)
{
    static readonly string[] Order = ["bm25", "model", "hybrid"];

    /// <summary>Reads <c>scores.json</c>.</summary>
    /// <exception cref="TrainerException">It is not such a file.</exception>
    public static CardScores Read(string path, string id = "")
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            var intervals = root.TryGetProperty("intervals", out var found) ? found : default;
            var systems = root.GetProperty("systems").EnumerateObject().OrderBy(s => Array.IndexOf(Order, s.Name) is >= 0 and var at ? at : Order.Length).ThenBy(s => s.Name, StringComparer.Ordinal)
                .Select(s => (s.Name, (IReadOnlyList<CardMetric>)[.. s.Value.EnumerateObject().Select(m => Metric(m, s.Name, intervals))])).ToList();
            var complete = root.TryGetProperty("complete", out var whole) && whole.GetBoolean();
            return new CardScores(id, root.GetProperty("profile").GetString() + (complete ? ", complete" : ""), root.GetProperty("documents").GetInt64(), root.GetProperty("queries").GetProperty("trec").GetInt64(), systems);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new TrainerException($"{path} is no scores.json: {error.Message} Expected one that an evaluation wrote.", error);
        }
    }

    static CardMetric Metric(JsonProperty metric, string system, JsonElement intervals) =>
        intervals.ValueKind == JsonValueKind.Object && intervals.TryGetProperty(system, out var metrics) && metrics.TryGetProperty(metric.Name, out var pair)
            ? new CardMetric(metric.Name, metric.Value.GetDouble(), pair[0].GetDouble(), pair[1].GetDouble())
            : new CardMetric(metric.Name, metric.Value.GetDouble(), null, null);
}
