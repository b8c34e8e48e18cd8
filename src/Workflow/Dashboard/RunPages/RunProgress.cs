namespace Workflow.Dashboard.RunPages;

/// <summary>How fast a stage goes and how long it still takes.</summary>
/// <param name="PerSecond">Units a second since its attempt began; null before the first.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Left">Time left at that rate; null where it cannot be told.</param>
public sealed record StagePace(double? PerSecond, string Unit, TimeSpan? Left)
{
    /// <summary>"12 steps/s"; slow ones by the minute; empty where not known.</summary>
    public string Rate => PerSecond switch
    {
        null or <= 0 => "",
        >= 10 => $"{PerSecond:#,0} {Unit}/s",
        >= 1 => $"{PerSecond:0.0} {Unit}/s",
        >= 1 / 60.0 => $"{PerSecond * 60:0.#} {Unit}/min",
        _ => $"{PerSecond * 3600:0.#} {Unit}/h",
    };
}

/// <summary>Tells from the counts of a run how long it still takes.</summary>
static class RunProgress
{
    /// <summary>The pace of a running stage; null for any other.</summary>
    public static StagePace? Pace(StageRow stage, DateTimeOffset now)
    {
        if (stage.Shown != "running")
        {
            return null;
        }

        // Reused partitions and steps done before a resume took no time of this attempt.
        var (done, total, unit, since, credit) = stage.Partitions > 0
            ? (stage.PartitionsDone, stage.Partitions, "partitions", stage.Started, stage.PartitionsReused)
            : (stage.Done, stage.Total, stage.Unit ?? "", stage.AttemptStarted, stage.ResumedStep ?? 0);
        var seconds = since is { } start ? (now - start).TotalSeconds : 0;
        var rate = seconds > 0 && done > credit ? (done - credit) / seconds : (double?)null;
        return new StagePace(rate, unit, rate is { } known && total > 0 ? TimeSpan.FromSeconds(Math.Min(1e8, Math.Max(0, total - done) / known)) : null);
    }

    /// <summary>
    /// Time left of a run: the longest way through what is not done, running stages at their pace, later ones as long as they took in the last run that succeeded.
    /// Null where something is neither.
    /// </summary>
    public static TimeSpan? Left(RunPageModel model, DateTimeOffset now)
    {
        if (model.Run.State != "running")
        {
            return null;
        }

        var left = new Dictionary<string, TimeSpan?>(StringComparer.Ordinal);
        foreach (var stage in model.Stages)
        {
            var own = stage.State is "succeeded" or "reused" or "failed" or "skipped" or "cancelled" ? TimeSpan.Zero : Own(stage);
            var before = model.Edges.Where(e => e.To == stage.Name && left.ContainsKey(e.From)).Select(e => left[e.From]).ToList();
            left[stage.Name] = own is null || before.Contains(null) ? null : own + before.Max().GetValueOrDefault();
        }

        return left.Count == 0 || left.Values.Any(v => v is null) ? null : left.Values.Max();

        TimeSpan? Own(StageRow stage)
        {
            TimeSpan? took = model.Before.TryGetValue(stage.Name, out var before) ? before : null;
            if (Pace(stage, now) is not { } pace)
            {
                return took;
            }

            return pace.Left ?? (took is { } whole && stage.Started is { } started ? whole - (now - started) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero : null);
        }
    }
}
