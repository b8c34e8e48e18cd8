namespace Trainer.Training.Watching;

/// <summary>An alarm: a pure function of the series so far.</summary>
public interface IAlarm
{
    /// <summary>Which one.</summary>
    AlarmKind Kind { get; }

    /// <summary>Its name where people read it: <c>PEAK_AT_WARMUP</c>.</summary>
    string Name { get; }

    /// <summary>What to do about it.</summary>
    string Advice { get; }

    /// <summary>What is wrong, in words; null where nothing is.</summary>
    /// <param name="series">The evaluations so far, at least one.</param>
    /// <param name="options">Thresholds.</param>
    string? Look(WatchSeries series, WatchOptions options);
}
