namespace Workflow.Reports.Svg;

/// <summary>The inner rectangle of a chart, its axes and its grid.</summary>
/// <param name="Left">Left edge of the plot, in user units.</param>
/// <param name="Top">Top edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Bottom edge.</param>
public readonly record struct ChartFrame(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Draws horizontal grid lines with value labels on the left.</summary>
    public void Horizontal(SvgDrawing svg, LinearScale y)
    {
        foreach (var tick in y.Ticks())
        {
            svg.Line(Left, y[tick], Right, y[tick], tick == 0 ? "axis" : "grid");
            svg.Text(Left - 8, y[tick] + 4, y.Label(tick), "tick", "end");
        }
    }

    /// <summary>Draws the bottom axis with labels and an axis title at its right end.</summary>
    public void Bottoms(SvgDrawing svg, LinearScale x, string title, bool grid = false)
    {
        svg.Line(Left, Bottom, Right, Bottom, "axis");
        foreach (var tick in x.Ticks())
        {
            svg.Line(x[tick], grid ? Top : Bottom, x[tick], grid ? Bottom : Bottom + 4, "grid");
            svg.Text(x[tick], Bottom + 18, x.Label(tick), "tick", "middle");
        }

        svg.Text(Right, Bottom + 34, title, "tick axis-title", "end");
    }
}
