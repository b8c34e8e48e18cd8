namespace Workflow.Reports.Svg;

/// <summary>Panels over one axis of steps, with phases, warm-up, alarms and the best evaluation going through all of them.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Panels">Panels from top to bottom.</param>
/// <param name="Marks">What goes through all of them.</param>
public sealed record TimelineChart(string Id, string Title, IReadOnlyList<TimelinePanel> Panels, StepMarks Marks)
{
    const double TitleHeight = 26, Gap = 14, AxisHeight = 40, Left = 50;

    /// <summary>Width in user units.</summary>
    public double Width { get; init; } = 420;

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        var panels = Panels.Select(p => p with { Lines = [.. p.Lines.Select(l => l with { Points = LineChart.Thin([.. l.Points.Where(x => Usable(p, x))]) }).Where(l => l.Points.Count > 0)] })
            .Where(p => p.Lines.Count > 0).ToList();
        var points = panels.SelectMany(p => p.Lines).SelectMany(l => l.Points).ToList();
        if (points.Count == 0)
        {
            var empty = new SvgDrawing(Id, Width, 120, Title, "No points.");
            empty.Text(Width / 2, 60, "No points yet", "empty", "middle");
            return empty.ToString();
        }

        var widest = panels.SelectMany(p => p.Lines).Max(l => Math.Min(l.Name.Length, EndLabels.Longest));
        var x = new LinearScale(
            Math.Min(points.Min(p => p.Step), Marks.Phases.Select(p => p.From).DefaultIfEmpty(double.MaxValue).Min()), Math.Max(points.Max(p => p.Step), Marks.Phases.Select(p => p.To).DefaultIfEmpty(0).Max()),
            Left, Width - (widest == 0 ? 14 : 16 + (widest * 7.4)), Width > 700 ? 9 : 5, nice: false);
        var right = Width - (widest == 0 ? 14 : 16 + (widest * 7.4));
        var above = 4 + Marks.Above(x);
        var height = above + panels.Sum(p => TitleHeight + p.Height + Gap) - Gap + AxisHeight;
        var svg = new SvgDrawing(Id, Width, height, Title, Describe(panels));
        var bottom = height - AxisHeight;
        Marks.Behind(svg, x, 2, bottom);
        var frames = new List<ChartFrame>();
        foreach (var panel in panels)
        {
            var top = frames.Count == 0 ? above + TitleHeight : frames[^1].Bottom + Gap + TitleHeight;
            frames.Add(new ChartFrame(Left, top, right, top + panel.Height));
        }

        Marks.Across(svg, x, 4, [.. frames.Select(f => (f.Top, f.Bottom))]);
        for (var i = 0; i < panels.Count; i++)
        {
            svg.Text(0, frames[i].Top - 12, panels[i].Title, "panel-title");
            Panel(svg, panels[i], frames[i], x);
        }

        new ChartFrame(Left, above + TitleHeight, right, bottom).Bottoms(svg, x, "step");
        return svg.ToString();
    }

    static bool Usable(TimelinePanel panel, (double Step, double Value) point) => double.IsFinite(point.Step) && double.IsFinite(point.Value) && (!panel.Logarithmic || point.Value > 0);

    void Panel(SvgDrawing svg, TimelinePanel panel, ChartFrame frame, LinearScale x)
    {
        Func<double, double> map = panel.Logarithmic ? Math.Log10 : v => v;
        var values = panel.Lines.SelectMany(l => l.Points).Select(p => map(p.Value)).ToList();
        var y = new LinearScale(values.Min(), values.Max(), frame.Bottom, frame.Top, Math.Max(2, (int)(panel.Height / 36)));
        foreach (var tick in y.Ticks())
        {
            svg.Line(frame.Left, y[tick], frame.Right, y[tick], "grid");
            svg.Text(frame.Left - 8, y[tick] + 4, panel.Logarithmic ? Power(tick) : y.Label(tick), "tick", "end");
        }

        foreach (var line in panel.Lines.OrderByDescending(l => l.Faint))
        {
            var mapped = line.Points.Select(p => (p.Step, map(p.Value))).ToList();
            svg.Path(LineChart.Data(mapped, x, y), line.Faint ? $"line faint {line.Colour}" : $"line {line.Colour}");
            foreach (var (step, value) in line is { Dots: true, Points.Count: <= 40 } ? line.Points : line.Faint ? [] : line.Points.TakeLast(1))
            {
                svg.Circle(x[step], y[map(value)], 2.6, $"dot {line.Colour}", $"{(line.Name.Length > 0 ? line.Name : panel.Title)}: {value:0.####} at step {step:0}");
            }
        }

        if (panel.WarmupText.Length > 0 && Marks.WarmupEnds.Count > 0)
        {
            svg.Text(x[Marks.WarmupEnds[^1]] + 6, frame.Bottom - 5, panel.WarmupText, "tick");
        }

        if (panel.Ringed is { } ring)
        {
            var (cx, cy) = (x[ring.Step], y[map(ring.Value)]);
            var above = Room(cy - 16) >= Room(cy + 18);
            svg.Circle(cx, cy, 6.5, "ring", $"Best at step {ring.Step:0}: {ring.Value:0.####}");
            svg.Text(cx, above ? cy - 12 : cy + 22, ring.Text, "ring-text", cx - frame.Left < 60 ? "start" : frame.Right - cx < 60 ? "end" : "middle");

            // How far the nearest line passes from a text at this height; the edges of the plot count as lines.
            double Room(double at) => panel.Lines.SelectMany(l => l.Points).Where(p => Math.Abs(x[p.Step] - cx) < 45).Select(p => Math.Abs(y[map(p.Value)] - at)).Append(at - frame.Top).Append(frame.Bottom - at).Min();
        }

        EndLabels.Draw(svg, frame, panel.Lines.Where(l => l.Name.Length > 0).Select(l => (l.Name, l.Colour, y[map(l.Points[^1].Value)])));
    }

    static string Power(double exponent) => Math.Pow(10, exponent) switch
    {
        >= 1e4 or < 1e-3 => Math.Pow(10, exponent).ToString("0.#e0"),
        var value => value.ToString("0.###"),
    };

    string Describe(List<TimelinePanel> panels) => string.Join(" ", panels.SelectMany(p => p.Lines.Where(l => !l.Faint).Select(l =>
        $"{p.Title}{(l.Name.Length > 0 ? $", {l.Name}" : "")}: from {l.Points[0].Value:0.####} at step {l.Points[0].Step:0} to {l.Points[^1].Value:0.####} at step {l.Points[^1].Step:0}, lowest {l.Points.Min(x => x.Value):0.####}, highest {l.Points.Max(x => x.Value):0.####}."))) + " " + Marks.Describe();
}
