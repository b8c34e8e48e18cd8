namespace Trainer.Training.Watching.Alarms;

/// <summary>A collection was found best at the end of warm-up and worse ever since (sentence-transformers issue 2815: best at step 50 of warm-up's 47).</summary>
sealed class PeakAtWarmupAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.PeakAtWarmup;

    public string Name => "PEAK_AT_WARMUP";

    public string Advice => "The full rate undoes what warm-up learned. Lower learning_rate (with large batches check lr_scaling and the derived value), let it fall to a tenth of itself, "
        + "try warm-ups of half and of twice the length, and keep the best model (keep: best).";

    public string? Look(WatchSeries series, WatchOptions options)
    {
        if (series.Plan.WarmupEnd is not { } warmup)
        {
            return null;
        }

        // The start is no evaluation of this phase's training, but a peak may still lie below it.
        var phase = series.Phase.Where(e => e.Step > series.Plan.FirstStep).ToList();
        var tolerance = Math.Max(options.WarmupTolerance * (series.Plan.LastStep - series.Plan.FirstStep), series.Plan.EvaluateEvery / 2.0);
        foreach (var key in series.Last.Ndcg.Select(v => v.Key))
        {
            var measured = phase.Where(e => e[key] is not null).ToList();
            var best = measured.MaxBy(e => e[key]);
            var later = measured.Where(e => best is not null && e.Step > best.Step).ToList();
            if (best is not null && Math.Abs(best.Step - warmup) <= tolerance && later.Count >= options.Evaluations && best[key] - later.Average(e => e[key]) is { } fall && fall > 0 && fall >= options.MinimumFall)
            {
                return $"nDCG@10 of {LossMetricDivergenceAlarm.Collection(key)} was best at step {best.Step} ({best[key]:0.0000}), where warm-up ends (step {warmup}); "
                    + $"the {later.Count} evaluations since lie at {later.Average(e => e[key]):0.0000} on average, the last at {later[^1][key]:0.0000}.";
            }
        }

        return null;
    }
}
