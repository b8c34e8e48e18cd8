using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trainer.Training;

/// <summary>What a training measured, as files of JSON lines: no time, no rate, so that a resumed training writes the same bytes.</summary>
public sealed class TrainingLog
{
    /// <summary>Name of the file of metric points.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>Name of the file of histograms.</summary>
    public const string HistogramsFile = "histograms.jsonl";

    /// <summary>Name of the file of marks; absent where there are none.</summary>
    public const string MarksFile = "marks.jsonl";

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Points in the order taken.</summary>
    public List<MetricPoint> Points { get; } = [];

    /// <summary>Histograms in the order taken.</summary>
    public List<CosineHistogram> Histograms { get; } = [];

    /// <summary>Phases, alarms and what was done about them, in the order met.</summary>
    public List<TrainingMark> Marks { get; } = [];

    /// <summary>The log as it is now: a checkpoint is written while the training adds to its own.</summary>
    public TrainingLog Copy()
    {
        var copy = new TrainingLog();
        copy.Points.AddRange(Points);
        copy.Histograms.AddRange(Histograms);
        copy.Marks.AddRange(Marks);
        return copy;
    }

    /// <summary>Writes the files.</summary>
    public void Write(string folder)
    {
        Write(Path.Combine(folder, MetricsFile), Points);
        Write(Path.Combine(folder, HistogramsFile), Histograms);
        if (Marks.Count > 0)
        {
            Write(Path.Combine(folder, MarksFile), Marks);
        }
    }

    /// <summary>Reads the files.</summary>
    public static TrainingLog Read(FileSet files)
    {
        var log = new TrainingLog();
        log.Points.AddRange(Lines<MetricPoint>(files[MetricsFile]));
        log.Histograms.AddRange(Lines<CosineHistogram>(files[HistogramsFile]));
        if (files.Has(MarksFile))
        {
            log.Marks.AddRange(Lines<TrainingMark>(files[MarksFile]));
        }

        return log;
    }

    static void Write<T>(string path, IEnumerable<T> rows) => File.WriteAllLines(path, rows.Select(r => JsonSerializer.Serialize(r, Json)));

    static IEnumerable<T> Lines<T>(string path) => File.ReadLines(path).Select(l => JsonSerializer.Deserialize<T>(l, Json)!);
}
