namespace Workflow.Reports;

/// <summary>Says in words what the last round's scores say: the sentence a report leads with.</summary>
public static class LeadSentence
{
    static readonly string[] Firsts = ["p@1", "precision@1", "success@1", "hit@1", "accuracy@1"];
    static readonly string[] Means = ["ndcg@10", "mrr@10", "recall@100", "map@100"];

    /// <summary>The sentence; one that says nothing was evaluated where there are no scores.</summary>
    public static string Of(ReportModel model)
    {
        var round = model.Rounds.LastOrDefault(r => r.Scores.Count > 0);
        if (round is null)
        {
            return "Nothing was evaluated in this run.";
        }

        var systems = new[] { "model", "bm25", "hybrid" }.Where(s => round.Scores.Any(x => x.System == s)).ToList();
        systems.AddRange(round.Scores.Select(s => s.System).Distinct(StringComparer.Ordinal).Where(s => !systems.Contains(s)));
        var metric = Firsts.Concat(Means).Concat(round.Scores.Select(s => s.Metric)).First(m => round.Scores.Any(s => s.Metric == m));
        var scores = systems.Select(s => round.Scores.FirstOrDefault(x => x.System == s && x.Metric == metric)).OfType<ReportScore>().ToList();
        var parts = scores.Select((s, i) => Part(s, i, Firsts.Contains(metric))).ToList();
        return string.Join("; ", parts) + ".";
    }

    /// <summary>Whether the model's difference from its baseline may be chance; null where none was measured.</summary>
    public static string? Certainty(ReportModel model)
    {
        var difference = model.Differences.FirstOrDefault(d => d.System == "model") ?? (model.Differences.Count == 0 ? null : model.Differences[^1]);
        if (difference is null)
        {
            return null;
        }

        var against = MetricNames.Subject(difference.Baseline, start: false);
        var whose = MetricNames.Subject(difference.System);
        var size = $"{Math.Abs(difference.Value):0.000} {MetricNames.Metric(difference.Metric)}";
        var interval = $"95\u00a0% interval of the difference {difference.Low:0.000;−0.000} to {difference.High:0.000;−0.000}";
        return (difference.Low, difference.High) switch
        {
            ( > 0, _) => $"{whose} leads {against} by {size}, more than chance would give ({interval}).",
            (_, < 0) => $"{whose} trails {against} by {size}, more than chance would give ({interval}).",
            _ => $"{whose} and {against} differ by {size}, which may be chance ({interval}).",
        };
    }

    static string Part(ReportScore score, int index, bool first) => (index, first) switch
    {
        (0, true) => $"{MetricNames.Subject(score.System)} finds a right document first for {Percent(score.Value)} of queries",
        (0, false) => $"{MetricNames.Subject(score.System)} reaches {score.Value:0.000} {MetricNames.Metric(score.Metric)}",
        (_, true) => $"{MetricNames.Subject(score.System, start: false)} for {Percent(score.Value)}",
        _ => $"{MetricNames.Subject(score.System, start: false)} {score.Value:0.000}",
    };

    static string Percent(double value) => $"{value * 100:0}\u00a0%";
}
