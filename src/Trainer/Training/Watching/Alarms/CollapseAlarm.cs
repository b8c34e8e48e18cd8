namespace Trainer.Training.Watching.Alarms;

/// <summary>Every text has become the same direction.</summary>
sealed class CollapseAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.Collapse;

    public string Name => "COLLAPSE";

    public string Advice => "All queries or all passages point the same way, and a ranking of them is chance. Lower learning_rate, raise temperature, check that batches hold no text twice and that pooling is the initial model's; go back to a checkpoint before.";

    public string? Look(WatchSeries series, WatchOptions options) => series.Last[WatchKeys.RandomPairDeviation] is { } deviation && deviation < options.CollapseDeviation
        ? $"At step {series.Last.Step} the cosines of random pairs have a standard deviation of {deviation:0.0000}; expected at least {options.CollapseDeviation}."
        : null;
}
