namespace Workflow.Reports.Svg;

/// <summary>A point of a way through a plane.</summary>
public sealed record PlanePoint(double Step, double X, double Y);

/// <summary>A way through a plane, step by step, from a hollow start to a filled end.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="XTitle">Name of the horizontal axis.</param>
/// <param name="YTitle">Name of the vertical axis.</param>
/// <param name="Points">In ascending order of step.</param>
public sealed record PlaneChart(string Id, string Title, string XTitle, string YTitle, IReadOnlyList<PlanePoint> Points)
{
    /// <summary>Step to ring; null for none.</summary>
    public double? Best { get; init; }

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        const double Width = 420, Height = 290;
        var points = Points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).ToList();
        var svg = new SvgDrawing(Id, Width, Height, Title, Describe(points));
        if (points.Count == 0)
        {
            svg.Text(Width / 2, Height / 2, "No points yet", "empty", "middle");
            return svg.ToString();
        }

        var frame = new ChartFrame(52, 26, Width - 16, Height - 42);
        var x = new LinearScale(points.Min(p => p.X), points.Max(p => p.X), frame.Left, frame.Right, 5);
        var y = new LinearScale(points.Min(p => p.Y), points.Max(p => p.Y), frame.Bottom, frame.Top, 5);
        svg.Text(0, 13, YTitle, "tick axis-title");
        frame.Horizontal(svg, y);
        frame.Bottoms(svg, x, XTitle, grid: true);
        svg.Path(LineChart.Data([.. points.Select(p => (p.X, p.Y))], x, y), "line faint s1");
        for (var i = 0; i < points.Count; i++)
        {
            var cls = i == 0 ? "hollow s1" : i == points.Count - 1 ? "dot s1" : "dot pale s1";
            svg.Circle(x[points[i].X], y[points[i].Y], i == 0 || i == points.Count - 1 ? 5 : 3.2, cls, $"Step {points[i].Step:0}: alignment {points[i].Y:0.000}, uniformity {points[i].X:0.000}");
        }

        var labelled = new List<(double X, double Y)>();
        foreach (var (point, text) in Labels(points))
        {
            var (px, py) = (x[point.X], y[point.Y]);
            // A label that would lie on another goes below its point.
            var below = labelled.Any(l => Math.Abs(l.X - px) < 70 && Math.Abs(l.Y - py) < 16) || py - frame.Top < 18;
            svg.Text(px, below ? py + 20 : py - 12, text, "value halo", px - frame.Left < 40 ? "start" : frame.Right - px < 50 ? "end" : "middle");
            labelled.Add((px, py));
            if (point.Step == Best)
            {
                svg.Circle(px, py, 8, "ring");
            }
        }

        return svg.ToString();
    }

    IEnumerable<(PlanePoint Point, string Text)> Labels(List<PlanePoint> points)
    {
        foreach (var point in points.Where((p, i) => i == 0 || i == points.Count - 1 || p.Step == Best).DistinctBy(p => p.Step))
        {
            yield return (point, $"{point.Step:#,0}{(point.Step == Best ? " best" : "")}");
        }
    }

    string Describe(List<PlanePoint> points) => points.Count == 0 ? "No points."
        : $"{YTitle} from {points[0].Y:0.000} to {points[^1].Y:0.000}, {XTitle} from {points[0].X:0.000} to {points[^1].X:0.000}, steps {points[0].Step:0} to {points[^1].Step:0}.";
}
