using Workflow.Artifacts;
using Workflow.Cli;

namespace Workflow.Dashboard.RunPages;

/// <summary>Scores of a stage as a small table: systems by metrics.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Metrics">Columns.</param>
/// <param name="Systems">Rows: system, then a score and its interval by metric; null where it was not measured.</param>
public sealed record ScoreTable(string Stage, IReadOnlyList<string> Metrics, IReadOnlyList<(string System, IReadOnlyList<(double Mean, double? Low, double? High)?> Scores)> Systems);

/// <summary>Reads the scores that a run's evaluations published, from the store.</summary>
static class RunScoresReader
{
    const int Most = 6;
    static readonly string[] Order = ["bm25", "model", "hybrid"];

    /// <summary>A table for each evaluation, in the job's order; those whose file is gone are left out.</summary>
    public static List<ScoreTable> Read(HomePaths paths, RunPageModel model)
    {
        var tables = new List<ScoreTable>();
        foreach (var output in model.Outputs.Where(o => o.Artifact.Kind == "scores").Take(Most))
        {
            if (!File.Exists(paths.Blob(output.Artifact.Id)) || ArtifactFiles.PathOf(paths, output.Artifact.Id, "scores.json") is not { } file || !File.Exists(file))
            {
                continue;
            }

            var scores = RunScores.Parse(File.ReadAllText(file));
            string[] metrics = [.. new[] { "ndcg@10", "mrr@10", "recall@100", "map@100" }.Where(m => scores.Systems.Values.Any(s => s.ContainsKey(m)))];
            tables.Add(new ScoreTable(output.Stage, metrics, [.. scores.Systems.OrderBy(s => Array.IndexOf(Order, s.Key) is >= 0 and var at ? at : Order.Length).Select(s =>
                (s.Key, (IReadOnlyList<(double, double?, double?)?>)[.. metrics.Select(m => s.Value.TryGetValue(m, out var score) ? (score.Mean, score.Low, score.High) : ((double, double?, double?)?)null)]))]));
        }

        return tables;
    }
}
