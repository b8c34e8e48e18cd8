using DataPrep.Tables;
using Trainer.Evaluation;

namespace Workflow.Lineage;

/// <summary>Compares two evaluations query by query.</summary>
public static class PairedScores
{
    const long Seed = 17;

    /// <summary>The figures again, with the paired 95 % bootstrap interval of the difference where both tables hold the queries.</summary>
    /// <param name="scores">Means by system and metric.</param>
    /// <param name="tables">Reads the tables.</param>
    /// <param name="before">Path of the earlier run's table, see <see cref="RetrievalFiles.PerQuerySchema"/>.</param>
    /// <param name="after">Path of the later run's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DataPrep.DataPrepException">A file is no such table.</exception>
    public static IReadOnlyList<DiffFigure> Compare(IReadOnlyList<DiffFigure> scores, ITableStore tables, string before, string after, CancellationToken cancellationToken)
    {
        var (x, y) = (Read(tables, before, cancellationToken), Read(tables, after, cancellationToken));
        var metrics = Metric.Standard.Select(m => m.ToString()).ToList();
        return [.. scores.Select(score => metrics.IndexOf(score.Name) is >= 0 and var metric && Paired(x, y, score.Group, metric) is { } pair
            ? score with { Low = pair.Interval.Low, High = pair.Interval.High, Queries = pair.Queries } : score)];
    }

    static (Interval Interval, int Queries)? Paired(Dictionary<(string Query, string System), double[]> before, Dictionary<(string Query, string System), double[]> after, string system, int metric)
    {
        var queries = after.Keys.Where(k => k.System == system && before.ContainsKey(k)).OrderBy(k => k.Query, StringComparer.Ordinal).ToList();
        if (queries.Count < 2)
        {
            return null;
        }

        var resamples = queries.Count > 20_000 ? 200 : Bootstrap.DefaultResamples;
        return (Bootstrap.PairedDifference(queries.Select(q => after[q][metric]).ToArray(), queries.Select(q => before[q][metric]).ToArray(), Seed, resamples), queries.Count);
    }

    static Dictionary<(string, string), double[]> Read(ITableStore tables, string path, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(string, string), double[]>();
        foreach (var batch in tables.Read(path, RetrievalFiles.PerQuerySchema, cancellationToken))
        {
            for (var i = 0; i < batch.Rows; i++)
            {
                rows[(((string?[])batch.Values[0])[i] ?? "", ((string?[])batch.Values[1])[i] ?? "")] = [.. batch.Values.Skip(2).Select(v => ((double[])v)[i])];
            }
        }

        return rows;
    }
}
