using System.Globalization;
using DataPrep;
using Trainer.Training;

namespace TrainerApp;

/// <summary>Tells of a training on standard error: a line for each tenth of the way, evaluations, checkpoints and events.</summary>
sealed class ConsoleObserver : ITrainObserver
{
    readonly Dictionary<string, double> _latest = new(StringComparer.Ordinal);
    long _told;

    public void Progress(StageProgress progress)
    {
        var tenth = progress.Total == 0 ? 0 : progress.Done * 10 / progress.Total;
        if (tenth > _told || progress.Done == 1)
        {
            _told = tenth;
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"step {progress.Done} of {progress.Total}, loss {_latest.GetValueOrDefault("train_loss"):0.0000}, rate {_latest.GetValueOrDefault("learning_rate"):0.0e0}"));
        }
    }

    public void Metric(string key, long step, double value)
    {
        _latest[key] = value;
        if (key.StartsWith("dev_", StringComparison.Ordinal))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step}, {key} {value:0.0000}"));
        }
    }

    public void Log(string line) => Console.Error.WriteLine(line);

    public void Checkpoint(long step, string cursorJson, string folder, double? metric) => Console.Error.WriteLine($"checkpoint of step {step} in {folder}");
}
