namespace Trainer.Training.Watching;

/// <summary>What an alarm may look at: the evaluations so far and the plan. Nothing else, so that the same series always raises the same alarms.</summary>
/// <param name="Evaluations">Every evaluation, in order; the newest last.</param>
/// <param name="Plan">The phase that runs.</param>
/// <param name="Since">Step of the last roll-back or lowering of the rate: what fell before it has been dealt with.</param>
public sealed record WatchSeries(IReadOnlyList<WatchEvaluation> Evaluations, WatchPlan Plan, long Since = -1)
{
    /// <summary>The newest evaluation.</summary>
    public WatchEvaluation Last => Evaluations[^1];

    /// <summary>Evaluations of the phase that runs.</summary>
    public IReadOnlyList<WatchEvaluation> Phase => [.. Evaluations.Where(e => e.Step >= Plan.FirstStep)];

    /// <summary>Evaluations of the phase that no measure has dealt with, the newest <paramref name="count"/>; null where there are fewer.</summary>
    public IReadOnlyList<WatchEvaluation>? Newest(int count)
    {
        // What was measured before the first step has no training loss: it is no part of a slope.
        var open = Phase.Where(e => e.Step > Since && e[WatchKeys.TrainLoss] is not null).ToList();
        return open.Count < count ? null : open[^count..];
    }
}
