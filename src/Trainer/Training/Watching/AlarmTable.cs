using Trainer.Training.Watching.Alarms;

namespace Trainer.Training.Watching;

/// <summary>All alarms, in the order told.</summary>
public static class AlarmTable
{
    /// <summary>The alarms.</summary>
    public static IReadOnlyList<IAlarm> All { get; } =
        [new TaskMismatchAlarm(), new CollapseAlarm(), new ZeroSparseAlarm(), new LossMetricDivergenceAlarm(), new PeakAtWarmupAlarm(), new ShiftAlarm()];
}
