using Trainer.Training.Watching;

namespace Workflow.Reports.Training;

/// <summary>Says in words what the curves of a training say.</summary>
public static class TrainingStory
{
    /// <summary>Two or three sentences.</summary>
    public static string Of(TrainingView view)
    {
        var parts = new List<string>();
        var losses = view.Smooth(WatchKeys.TrainLoss);
        if (losses.Count > 0)
        {
            var held = view.Losses.Count > 0 ? $"; the held-out loss went from {Loss(view.Series(view.Losses[0])[0].Value)} to {Loss(view.Series(view.Losses[0])[^1].Value)}" : "";
            parts.Add($"In {view.LastStep:#,0} steps the training loss went from {Loss(losses[0].Value)} to {Loss(losses[^1].Value)}{held}.");
        }

        if (view.Metric is { } metric && view.Best is { } best)
        {
            var last = view.Series(metric)[^1];
            var name = char.ToUpperInvariant(SeriesNames.Of(metric)[0]) + SeriesNames.Of(metric)[1..];
            name = name.StartsWith("NDCG", StringComparison.Ordinal) ? SeriesNames.Of(metric) : name;
            var worse = WatchJudge.LowerIsBetter(metric) ? last.Value - best.Value : best.Value - last.Value;
            parts.Add((last.Step == best.Step, worse) switch
            {
                (true, _) => $"{name} is best at the end ({best.Value:0.000}).",
                (_, < 0.0005) => $"{name} was best at step {best.Step:#,0} ({best.Value:0.000}) and is as good at the end.",
                _ => $"{name} was best at step {best.Step:#,0} ({best.Value:0.000}) and {worse:0.000} worse at the end ({last.Value:0.000}).",
            });
        }

        var alarms = view.Alarms.Where(a => a.Number is not null).ToList();
        parts.Add(alarms.Count switch
        {
            _ when view.Evaluations.Count == 0 => "Nothing was measured on held-out queries.",
            0 => "No alarm sounded.",
            1 => $"One alarm sounded: {alarms[0].Name} at step {alarms[0].Step:#,0}.",
            _ => $"{alarms.Count} alarms sounded.",
        });
        return string.Join(" ", parts);
    }

    static string Loss(double value) => Math.Abs(value) < 0.1 ? SeriesNames.Value(value) : value.ToString("0.00");
}
