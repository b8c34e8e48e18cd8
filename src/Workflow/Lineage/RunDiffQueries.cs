using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>Compares two runs by what the ledger holds of them. Reads are bounded: partitions are counted, not listed.</summary>
public static class RunDiffQueries
{
    const int MostSeries = 200;

    /// <summary>The comparison.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="paths">The home, for the files of scores.</param>
    /// <param name="first">Full id of a run.</param>
    /// <param name="second">Full id of another.</param>
    /// <exception cref="WorkflowException">There is no such run.</exception>
    public static RunDiff Diff(this LedgerDb ledger, HomePaths paths, string first, string second) => ledger.Read(db =>
    {
        var sides = new[] { DiffSide.Read(db, first), DiffSide.Read(db, second) }.OrderBy(s => s.Run.Created).ThenBy(s => s.Run.RunId, StringComparer.Ordinal).ToList();
        var (before, after) = (sides[0], sides[1]);
        var stages = before.Stages.Keys.Concat(after.Stages.Keys).Distinct(StringComparer.Ordinal).ToList();
        var (scoresBefore, scoresAfter) = (ScoreFiles.Of(db, paths, before), ScoreFiles.Of(db, paths, after));
        return new RunDiff
        {
            Before = before.Run,
            After = after.Run,
            Parameters = Values(before.Parameters, after.Parameters),
            Data = Data(before, after, stages),
            Files = [.. Values(before.Files, after.Files).Where(f => !f.Same)],
            Cut = before.Cut || after.Cut,
            Code = Values(before.Code, after.Code),
            Environment = Values(before.Environment, after.Environment),
            Scores = Figures(scoresBefore.Values, scoresAfter.Values),
            Figures = Figures(Series(db, before.Run.RunId), Series(db, after.Run.RunId)),
            Stages = [.. stages.Select(s => new DiffStages(s, before.Stages.GetValueOrDefault(s), after.Stages.GetValueOrDefault(s)))],
            PerQuery = scoresBefore.PerQuery is { } x && scoresAfter.PerQuery is { } y ? (x, y) : null,
        };
    });

    /// <summary>The run of the same job before a run, or null.</summary>
    public static string? RunBefore(LedgerConnection db, string run) => db.Text("""
        SELECT b.run_id FROM run a JOIN run b ON b.pipeline=a.pipeline AND b.created_us<=a.created_us WHERE a.run_id=?1 AND (b.created_us<a.created_us OR b.run_id<a.run_id) ORDER BY b.created_us DESC, b.run_id DESC LIMIT 1
        """, run);

    static List<DiffValue> Values(Dictionary<string, string> before, Dictionary<string, string> after) =>
        [.. before.Keys.Concat(after.Keys.Where(k => !before.ContainsKey(k))).Select(k => new DiffValue(k, before.GetValueOrDefault(k), after.GetValueOrDefault(k)))];

    static List<DiffData> Data(DiffSide before, DiffSide after, List<string> stages) =>
    [
        .. before.Data.Keys.Concat(after.Data.Keys.Where(k => !before.Data.ContainsKey(k))).OrderBy(k => stages.IndexOf(k.Stage)).ThenBy(k => k.Direction, StringComparer.Ordinal)
            .Select(k => new DiffData(k.Stage, k.Direction, k.Slot, before.Data.GetValueOrDefault(k), after.Data.GetValueOrDefault(k))),
    ];

    static List<DiffFigure> Figures(Dictionary<(string Group, string Name), double> before, Dictionary<(string Group, string Name), double> after) =>
        [.. before.Keys.Concat(after.Keys.Where(k => !before.ContainsKey(k))).Select(k => new DiffFigure(k.Group, k.Name, before.TryGetValue(k, out var x) ? x : null, after.TryGetValue(k, out var y) ? y : null))];

    // The last point of a series is one look at its key.
    static Dictionary<(string, string), double> Series(LedgerConnection db, string run) => db.Query("""
        SELECT s.node_id, s.key, (SELECT p.value FROM metric_point p WHERE p.series_id=s.series_id ORDER BY p.step DESC LIMIT 1) FROM metric_series s WHERE s.run_id=?1 ORDER BY s.node_id, s.key LIMIT ?2
        """, r => (Node: r.Text(0), Key: r.Text(1), Value: r.RealOrNull(2)), run, MostSeries).Where(s => s.Value is { } v && double.IsFinite(v)).ToDictionary(s => (s.Node, s.Key), s => s.Value!.Value);
}
