namespace Trainer.Training.Watching;

/// <summary>What an evaluation found and what follows from it.</summary>
/// <param name="Points">Points for the series: the same wherever the training was stopped and resumed.</param>
/// <param name="Histograms">Histograms for the series.</param>
/// <param name="Marks">Marks for the series: alarms and what was done.</param>
/// <param name="Alarms">Alarms that began to sound.</param>
/// <param name="Action">What the training must do.</param>
/// <param name="IsBest">Whether this is the best evaluation so far: its weights and optimizer are what a roll-back goes back to.</param>
public sealed record WatchVerdict(
    IReadOnlyList<MetricPoint> Points, IReadOnlyList<CosineHistogram> Histograms, IReadOnlyList<TrainingMark> Marks, IReadOnlyList<AlarmRaised> Alarms, WatchAction Action, bool IsBest);
