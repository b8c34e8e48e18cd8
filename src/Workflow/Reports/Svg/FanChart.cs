using System.Text;

namespace Workflow.Reports.Svg;

/// <summary>Percentiles of a sample at a step.</summary>
public sealed record FanPoint(double Step, double P1, double P5, double P50, double P95, double P99);

/// <summary>A panel of a fan chart.</summary>
/// <param name="Name">"positive".</param>
/// <param name="Colour">Colour class.</param>
/// <param name="Points">In ascending order of step.</param>
public sealed record FanPanel(string Name, string Colour, IReadOnlyList<FanPoint> Points);

/// <summary>Percentiles over steps, one panel a kind, all over the same values: the median as a line, 90 and 98 per cent of the sample as bands.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Panels">Panels from top to bottom.</param>
/// <param name="Marks">What goes through all of them.</param>
public sealed record FanChart(string Id, string Title, IReadOnlyList<FanPanel> Panels, StepMarks Marks)
{
    const double Width = 420, Height = 96, TitleHeight = 26, Gap = 12, Left = 46, Right = Width - 14;

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        var points = Panels.SelectMany(p => p.Points).ToList();
        if (points.Count == 0)
        {
            var empty = new SvgDrawing(Id, Width, 120, Title, "No percentiles.");
            empty.Text(Width / 2, 60, "No percentiles", "empty", "middle");
            return empty.ToString();
        }

        var x = new LinearScale(points.Min(p => p.Step), points.Max(p => p.Step), Left, Right, 5, nice: false);
        var total = Panels.Count * (TitleHeight + Height + Gap);
        var svg = new SvgDrawing(Id, Width, total + 40 - Gap, Title, Describe());
        Marks.Plain.Across(svg, x, 0, [.. Enumerable.Range(0, Panels.Count).Select(i => (i * (TitleHeight + Height + Gap)) + TitleHeight).Select(t => (t, t + Height))]);
        for (var i = 0; i < Panels.Count; i++)
        {
            var top = (i * (TitleHeight + Height + Gap)) + TitleHeight;
            var y = new LinearScale(points.Min(p => p.P1), points.Max(p => p.P99), top + Height, top, 3);
            svg.Text(0, top - 12, Panels[i].Name, $"panel-title {Panels[i].Colour}");
            foreach (var tick in y.Ticks())
            {
                svg.Line(Left, y[tick], Right, y[tick], "grid");
                svg.Text(Left - 8, y[tick] + 4, y.Label(tick), "tick", "end");
            }

            svg.Path(Band(Panels[i].Points, p => p.P1, p => p.P99, x, y), $"fan outer {Panels[i].Colour}");
            svg.Path(Band(Panels[i].Points, p => p.P5, p => p.P95, x, y), $"fan inner {Panels[i].Colour}");
            svg.Path(LineChart.Data([.. Panels[i].Points.Select(p => (p.Step, p.P50))], x, y), $"line {Panels[i].Colour}");
        }

        new ChartFrame(Left, TitleHeight, Right, total - Gap).Bottoms(svg, x, "step");
        return svg.ToString();
    }

    static string Band(IReadOnlyList<FanPoint> points, Func<FanPoint, double> low, Func<FanPoint, double> high, LinearScale x, LinearScale y)
    {
        var d = new StringBuilder();
        foreach (var (step, value) in points.Select(p => (p.Step, high(p))).Concat(points.Reverse().Select(p => (p.Step, low(p)))))
        {
            d.Append(d.Length == 0 ? 'M' : 'L').Append(SvgDrawing.Number(x[step])).Append(' ').Append(SvgDrawing.Number(y[value]));
        }

        return d.Append('Z').ToString();
    }

    string Describe() => string.Join(" ", Panels.Where(p => p.Points.Count > 0).Select(p =>
        $"{p.Name}: median from {p.Points[0].P50:0.000} at step {p.Points[0].Step:0} to {p.Points[^1].P50:0.000} at step {p.Points[^1].Step:0}, at the end 98 % between {p.Points[^1].P1:0.000} and {p.Points[^1].P99:0.000}."));
}
