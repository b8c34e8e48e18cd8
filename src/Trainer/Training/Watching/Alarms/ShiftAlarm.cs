namespace Trainer.Training.Watching.Alarms;

/// <summary>Positives and negatives drift together.</summary>
sealed class ShiftAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.Shift;

    public string Name => "SHIFT";

    public string Advice => "Cosines as a whole have moved; the order may be as good as before, so look at nDCG@10 and the AUC first. Thresholds set on the old cosines (deduplication, cut-offs) no longer hold. "
        + "If nDCG@10 falls as well, lower learning_rate or merge the result with the initial model.";

    public string? Look(WatchSeries series, WatchOptions options)
    {
        var (first, last) = (series.Evaluations[0], series.Last);
        if (last[WatchKeys.PositiveCosine] - first[WatchKeys.PositiveCosine] is not { } positive || last[WatchKeys.InBatchCosine] - first[WatchKeys.InBatchCosine] is not { } negative)
        {
            return null;
        }

        return Math.Sign(positive) == Math.Sign(negative) && Math.Abs(positive) > options.ShiftBy && Math.Abs(negative) > options.ShiftBy
            ? $"From step {first.Step} to {last.Step} the mean cosine of positives moved by {positive:+0.000;-0.000} (to {last[WatchKeys.PositiveCosine]:0.000}) and that of in-batch negatives by {negative:+0.000;-0.000} (to {last[WatchKeys.InBatchCosine]:0.000})."
            : null;
    }
}
