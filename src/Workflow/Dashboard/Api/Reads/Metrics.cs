using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Metric series, thinned while they are read: the cost follows the points given, not the points there are.</summary>
static class Metrics
{
    /// <summary>Series of a run, by node and key; of one node where given.</summary>
    public static List<SeriesItem> Series(LedgerConnection db, string run, string? node) => db.Query($"""
        SELECT s.node_id, s.key, s.unit, p.step, p.value FROM metric_series s
        LEFT JOIN metric_point p ON p.series_id=s.series_id AND p.step=(SELECT MAX(step) FROM metric_point q WHERE q.series_id=s.series_id)
        WHERE s.run_id=?1{(node is null ? "" : " AND s.node_id=?2")} ORDER BY s.node_id, s.key LIMIT 5000
        """, r => new SeriesItem(r.Text(0), r.Text(1), r.TextOrNull(2), r.NumberOrNull(3), Finite(r.RealOrNull(4))), run, node);

    /// <summary>Points of a series; null where there is none.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="run">Full id.</param>
    /// <param name="node">Node.</param>
    /// <param name="key">Key.</param>
    /// <param name="after">Only steps above this.</param>
    /// <param name="most">Points at most, 2 or more.</param>
    public static MetricView? Points(LedgerConnection db, string run, string node, string key, long after, int most)
    {
        var (id, unit) = db.First("SELECT series_id, unit FROM metric_series WHERE run_id=?1 AND node_id=?2 AND key=?3", r => (r.Number(0), r.TextOrNull(1)), run, node, key);
        if (id == 0)
        {
            return null;
        }

        var points = db.Query("SELECT step, value FROM metric_point WHERE series_id=?1 AND step>?2 ORDER BY step LIMIT ?3", Point, id, after, most + 1);
        return points.Count <= most ? new MetricView(node, key, unit, false, points) : new MetricView(node, key, unit, true, Thin(db, id, points[0].Step, most));
    }

    /// <summary>The first point of each of so many stretches of equal length, and the last of all.</summary>
    static List<MetricPoint> Thin(LedgerConnection db, long series, long first, int most)
    {
        var last = db.Number("SELECT MAX(step) FROM metric_point WHERE series_id=?1", series);
        var points = db.Query("""
            WITH RECURSIVE stretch(i, at) AS (SELECT 0, ?2 UNION ALL SELECT i+1, ?2+((i+1)*(?3-?2))/?4 FROM stretch WHERE i<?4-1)
            SELECT p.step, p.value FROM stretch JOIN metric_point p ON p.series_id=?1 AND p.step=(SELECT MIN(step) FROM metric_point q WHERE q.series_id=?1 AND q.step>=stretch.at) GROUP BY p.step ORDER BY p.step
            """, Point, series, first, last, most - 1);
        if (points[^1].Step != last)
        {
            points.AddRange(db.Query("SELECT step, value FROM metric_point WHERE series_id=?1 AND step=?2", Point, series, last));
        }

        return points;
    }

    static MetricPoint Point(Row r) => new(r.Number(0), Finite(r.RealOrNull(1)));

    // JSON has no word for the others.
    static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
