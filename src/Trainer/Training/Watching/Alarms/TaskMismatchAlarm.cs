namespace Trainer.Training.Watching.Alarms;

/// <summary>Training teaches titles to find their content; the evaluation asks questions.</summary>
sealed class TaskMismatchAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.TaskMismatch;

    public string Name => "TASK_MISMATCH";

    public string Advice => "Add at least one source of queries: judged queries (generator qrels), questions written by a model over an OpenAI-compatible endpoint, or a log of searches; a tenth of the rows is a good start. Titles alone teach titles.";

    public string? Look(WatchSeries series, WatchOptions options)
    {
        var rows = series.Plan.RowsByGenerator;
        var total = rows.Values.Sum();
        var queries = rows.Where(r => TaskKinds.Of(r.Key) == TaskKind.QueryDocument).Sum(r => r.Value);
        if (total == 0 || series.Plan.QueryCollections.Count == 0 || queries >= options.QueryShare * total)
        {
            return null;
        }

        var generators = string.Join(", ", rows.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} {r.Value:#,0}"));
        return $"{100.0 * queries / total:0.#} % of the {total:#,0} training rows come from queries ({generators}), but {string.Join(" and ", series.Plan.QueryCollections)} {(series.Plan.QueryCollections.Count == 1 ? "is" : "are")} searched with queries; expected at least {100 * options.QueryShare:0.#} %.";
    }
}
