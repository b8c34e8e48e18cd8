using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.RunPages;

/// <summary>A metric series of a node: its key and the last step it has.</summary>
public sealed record SeriesHead(long Id, string Key, long LastStep);

/// <summary>
/// Reads of metric series. A curve is about a thousand points whatever the series' length: short stretches are read as they are, long ones from the ledger's roll-ups, lowest and highest kept.
/// </summary>
static class MetricQueries
{
    /// <summary>Points of a curve, about.</summary>
    public const int Curve = 1_000;

    // Up to here points themselves are read; from there on the stretches of 32 and of 4,096 steps.
    const long RawSteps = 16_000, FineSteps = 2_000_000;
    const int Fine = 32, Coarse = 4_096;

    /// <summary>Series of a node that have points, by key.</summary>
    public static List<SeriesHead> Series(LedgerConnection db, string run, string node) => db.Query("""
        SELECT series_id, key, (SELECT MAX(step) FROM metric_point p WHERE p.series_id=s.series_id) FROM metric_series s WHERE run_id=?1 AND node_id=?2 ORDER BY key LIMIT 400
        """, r => (Id: r.Number(0), Key: r.Text(1), Last: r.NumberOrNull(2)), run, node)
        .Where(s => s.Last is not null).Select(s => new SeriesHead(s.Id, s.Key, s.Last!.Value)).ToList();

    /// <summary>A series between two steps, thinned to about <paramref name="most"/> points with the lowest and the highest of each stretch kept.</summary>
    /// <param name="db">The ledger.</param>
    /// <param name="series">Its number.</param>
    /// <param name="after">Steps above this.</param>
    /// <param name="most">Points wanted.</param>
    /// <param name="until">Steps up to this.</param>
    public static IReadOnlyList<(double Step, double Value)> Points(LedgerConnection db, long series, long after, int most = Curve, long until = long.MaxValue)
    {
        var (first, last) = db.First("SELECT (SELECT MIN(step) FROM metric_point WHERE series_id=?1 AND step>?2), (SELECT MAX(step) FROM metric_point WHERE series_id=?1 AND step<=?3)",
            r => (r.NumberOrNull(0), r.NumberOrNull(1)), series, after, until);
        if (first is not { } from || last is not { } to || to < from)
        {
            return [];
        }

        return to - from < RawSteps || Counted(db, series, from, to) < RawSteps ? Raw(db, series, from, to, most) : Rolled(db, series, from, to, to - from < FineSteps ? Fine : Coarse, most);
    }

    static long Counted(LedgerConnection db, long series, long from, long to) =>
        db.Number("SELECT COALESCE(SUM(n), 0) FROM metric_rollup WHERE series_id=?1 AND width=?4 AND bucket BETWEEN ?2/?4 AND ?3/?4", series, from, to, to - from < FineSteps ? Fine : Coarse);

    static IReadOnlyList<(double, double)> Raw(LedgerConnection db, long series, long from, long to, int most) => LineChart.Thin(db.Query(
        "SELECT step, value FROM metric_point WHERE series_id=?1 AND step BETWEEN ?2 AND ?3 ORDER BY step", r => ((double)r.Number(0), r.RealOrNull(1) ?? double.NaN), series, from, to), most);

    // Stretches are folded further until the curve is as short as wanted: the lowest stands in their first half, the highest in the second.
    static List<(double, double)> Rolled(LedgerConnection db, long series, long from, long to, int width, int most)
    {
        var fold = Math.Max(1, (long)Math.Ceiling((to - from) / (double)width / (most / 2)));
        var points = new List<(double, double)>(most + 2);
        foreach (var (at, low, high) in db.Query("""
            SELECT bucket/?5, MIN(low), MAX(high) FROM metric_rollup WHERE series_id=?1 AND width=?4 AND bucket BETWEEN ?2/?4 AND ?3/?4 GROUP BY 1 ORDER BY 1
            """, r => (r.Number(0), r.RealOrNull(1) ?? double.NaN, r.RealOrNull(2) ?? double.NaN), series, from, to, width, fold))
        {
            var step = (double)at * fold * width;
            points.Add((Math.Max(from, step), low));
            points.Add((Math.Min(to, step + (fold * width / 2.0)), high));
        }

        // A live curve ends where its series does.
        if (points[^1].Item1 < to)
        {
            points.Add((to, db.First("SELECT value FROM metric_point WHERE series_id=?1 AND step=?2", r => r.RealOrNull(0), series, to) ?? double.NaN));
        }

        return points;
    }

    /// <summary>Charts of a node's series: series whose keys end alike ("train/loss", "dev/loss") share one.</summary>
    public static List<(string Title, List<LineSeries> Series)> Charts(LedgerConnection db, string run, string node) =>
        Series(db, run, node).GroupBy(s => s.Key[(s.Key.LastIndexOfAny(['/', '.']) + 1)..], StringComparer.Ordinal)
            .Select(g => (g.Key, g.Select(s => new LineSeries(s.Key, Points(db, s.Id, -1, 400))).ToList())).ToList();
}
