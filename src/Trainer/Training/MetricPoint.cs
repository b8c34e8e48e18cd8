using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trainer.Training;

/// <summary>A point of a metric series: <c>train_loss</c>, <c>learning_rate</c>, <c>grad_norm</c>, <c>dev_loss</c>, <c>dev_ndcg@10</c>.</summary>
/// <param name="Key">Name of the series.</param>
/// <param name="Step">Optimizer steps done when it was taken.</param>
/// <param name="Value">The value.</param>
public sealed record MetricPoint(string Key, long Step, double Value);

/// <summary>Cosines of query and passage at one step, counted in equal bins from -1 to 1.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Kind">positive, in_batch or hard_negative.</param>
/// <param name="Mean">Mean cosine.</param>
/// <param name="Deviation">Standard deviation.</param>
/// <param name="Counts">Pairs per bin.</param>
public sealed record CosineHistogram(long Step, string Kind, double Mean, double Deviation, IReadOnlyList<long> Counts);

/// <summary>What a training measured, as files of JSON lines: no time, no rate, so that a resumed training writes the same bytes.</summary>
public sealed class TrainingLog
{
    /// <summary>Name of the file of metric points.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>Name of the file of histograms.</summary>
    public const string HistogramsFile = "histograms.jsonl";

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Points in the order taken.</summary>
    public List<MetricPoint> Points { get; } = [];

    /// <summary>Histograms in the order taken.</summary>
    public List<CosineHistogram> Histograms { get; } = [];

    /// <summary>Writes both files.</summary>
    public void Write(string folder)
    {
        File.WriteAllLines(Path.Combine(folder, MetricsFile), Points.Select(p => JsonSerializer.Serialize(p, Json)));
        File.WriteAllLines(Path.Combine(folder, HistogramsFile), Histograms.Select(h => JsonSerializer.Serialize(h, Json)));
    }

    /// <summary>Reads both files.</summary>
    public static TrainingLog Read(FileSet files)
    {
        var log = new TrainingLog();
        log.Points.AddRange(File.ReadLines(files[MetricsFile]).Select(l => JsonSerializer.Deserialize<MetricPoint>(l, Json)!));
        log.Histograms.AddRange(File.ReadLines(files[HistogramsFile]).Select(l => JsonSerializer.Deserialize<CosineHistogram>(l, Json)!));
        return log;
    }
}
