namespace Workflow.Reports.Svg;

/// <summary>A curve as small as a word.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Points">In ascending order of step; at least two.</param>
public sealed record Sparkline(string Id, string Title, IReadOnlyList<(double Step, double Value)> Points)
{
    const double Width = 110, Height = 28;

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        var finite = Points.Where(p => double.IsFinite(p.Value)).ToList();
        var svg = new SvgDrawing(Id, Width, Height, Title, finite.Count == 0 ? "No points." : $"From {finite[0].Value:0.####} to {finite[^1].Value:0.####}.");
        svg.Root.SetAttributeValue("class", "chart spark");
        if (finite.Count > 1)
        {
            var x = new LinearScale(finite[0].Step, finite[^1].Step, 2, Width - 5, nice: false);
            var y = new LinearScale(finite.Min(p => p.Value), finite.Max(p => p.Value), Height - 4, 4, nice: false);
            svg.Path(LineChart.Data(finite, x, y), "line s1");
            svg.Circle(x[finite[^1].Step], y[finite[^1].Value], 2.4, "dot s1");
        }

        return svg.ToString();
    }
}
