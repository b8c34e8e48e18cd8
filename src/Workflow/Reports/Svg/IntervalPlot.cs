namespace Workflow.Reports.Svg;

/// <summary>An estimate with its interval.</summary>
/// <param name="Name">Row label.</param>
/// <param name="Group">Rows of one group share a colour: the system's name.</param>
/// <param name="Value">Estimate.</param>
/// <param name="Low">Lower end of the interval; null where none was computed.</param>
/// <param name="High">Upper end.</param>
public sealed record IntervalRow(string Name, string Group, double Value, double? Low, double? High);

/// <summary>Dots with whiskers, one row per estimate: for comparing systems and rounds, and for paired differences (<see cref="Zero"/>).</summary>
public sealed record IntervalPlot(string Id, string Title, IReadOnlyList<IntervalRow> Rows)
{
    /// <summary>Marks zero, and draws rows whose interval holds it hollow: no difference shown.</summary>
    public bool Zero { get; init; }

    /// <summary>Groups in the order of their colours; rows of other groups follow.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The plot as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Row = 30;
        var height = 16 + (Rows.Count * Row) + 36;
        var svg = new SvgDrawing(Id, Width, height, Title, Describe());
        if (Rows.Count == 0)
        {
            svg.Text(Width / 2, 30, "Nothing measured", "empty", "middle");
            return svg.ToString();
        }

        var labels = Math.Min(190, 20 + (Rows.Max(r => Math.Min(r.Name.Length, 24)) * 7.0));
        var frame = new ChartFrame(labels, 10, Width - 60, height - 38);
        var low = Rows.Min(r => r.Low ?? r.Value);
        var high = Rows.Max(r => r.High ?? r.Value);
        var x = new LinearScale(Zero ? Math.Min(0, low) : low, Zero ? Math.Max(0, high) : high, frame.Left, frame.Right, 4);
        frame.Bottoms(svg, x, "", grid: true);
        if (Zero)
        {
            svg.Line(x[0], frame.Top - 4, x[0], frame.Bottom, "zero");
        }

        var groups = Groups.Concat(Rows.Select(r => r.Group)).Distinct(StringComparer.Ordinal).ToList();
        for (var i = 0; i < Rows.Count; i++)
        {
            var row = Rows[i];
            var y = frame.Top + (Row * (i + 0.5));
            var colour = $"s{(groups.IndexOf(row.Group) % 6) + 1}";
            svg.Text(frame.Left - 12, y + 4, SvgDrawing.Cut(row.Name, 24), "name", "end");
            if (row is { Low: { } from, High: { } to })
            {
                svg.Line(x[from], y, x[to], y, $"whisker {colour}");
                svg.Line(x[from], y - 5, x[from], y + 5, $"whisker {colour}");
                svg.Line(x[to], y - 5, x[to], y + 5, $"whisker {colour}");
            }

            var hollow = Zero && row.Low <= 0 && row.High >= 0;
            svg.Circle(x[row.Value], y, 5, hollow ? $"hollow {colour}" : $"dot {colour}", Sentence(row));
            svg.Text(Width - 4, y + 4, Format(row.Value), "value", "end");
        }

        return svg.ToString();
    }

    string Format(double value) => Zero ? value.ToString("+0.000;−0.000;0.000") : value.ToString("0.000");

    string Sentence(IntervalRow row) => row is { Low: { } low, High: { } high } ? $"{row.Name}: {Format(row.Value)}, 95 % interval {Format(low)} to {Format(high)}." : $"{row.Name}: {Format(row.Value)}.";

    string Describe() => string.Join(" ", Rows.Select(Sentence));
}
