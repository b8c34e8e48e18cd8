using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.Queries;

/// <summary>A metric series of a node: its key and the last step it has.</summary>
public sealed record SeriesHead(long Id, string Key, long LastStep);

/// <summary>Reads of metric series; all by index.</summary>
static class MetricQueries
{
    /// <summary>Series of a node that have points, by key.</summary>
    public static List<SeriesHead> Series(LedgerConnection db, string run, string node) => db.Query("""
        SELECT series_id, key, (SELECT MAX(step) FROM metric_point p WHERE p.series_id=s.series_id) FROM metric_series s WHERE run_id=?1 AND node_id=?2 ORDER BY key
        """, r => (Id: r.Number(0), Key: r.Text(1), Last: r.NumberOrNull(2)), run, node)
        .Where(s => s.Last is not null).Select(s => new SeriesHead(s.Id, s.Key, s.Last!.Value)).ToList();

    /// <summary>Points above a step, thinned to about <paramref name="most"/> with the lowest and highest of each stretch kept.</summary>
    public static IReadOnlyList<(double Step, double Value)> Points(LedgerConnection db, long series, long after, int most) => LineChart.Thin(db.Query(
        "SELECT step, value FROM metric_point WHERE series_id=?1 AND step>?2 ORDER BY step",
        r => ((double)r.Number(0), r.RealOrNull(1) ?? double.NaN), series, after), most);

    /// <summary>Charts of a node's series: series whose keys end alike ("train/loss", "dev/loss") share one.</summary>
    public static List<(string Title, List<LineSeries> Series)> Charts(LedgerConnection db, string run, string node) =>
        Series(db, run, node).GroupBy(s => s.Key[(s.Key.LastIndexOfAny(['/', '.']) + 1)..], StringComparer.Ordinal)
            .Select(g => (g.Key, g.Select(s => new LineSeries(s.Key, Points(db, s.Id, -1, 400))).ToList())).ToList();
}
