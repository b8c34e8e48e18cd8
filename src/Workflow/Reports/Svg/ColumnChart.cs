namespace Workflow.Reports.Svg;

/// <summary>One column: what it stands for, and the counts of its parts, in the order of <see cref="ColumnChart.Parts"/>.</summary>
/// <param name="Name">For the tip: "14:00 to 15:00".</param>
/// <param name="Tick">Label under it; empty for none.</param>
/// <param name="Counts">Counts of the parts.</param>
public sealed record Column(string Name, string Tick, IReadOnlyList<long> Counts);

/// <summary>Counts over time as stacked columns.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Parts">Names of the parts, each with the class of its colour: good, bad, idle, s1 to s6. The first lies at the bottom.</param>
/// <param name="Columns">Columns from left to right.</param>
public sealed record ColumnChart(string Id, string Title, IReadOnlyList<(string Name, string Look)> Parts, IReadOnlyList<Column> Columns)
{
    /// <summary>What is said where nothing was counted.</summary>
    public string Empty { get; init; } = "Nothing in this time";

    /// <summary>The chart as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Height = 210, Legend = 26;
        var svg = new SvgDrawing(Id, Width, Height, Title, Describe());
        var most = Columns.Select(c => c.Counts.Sum()).DefaultIfEmpty(0).Max();
        var frame = new ChartFrame(44, Legend + 8, Width - 8, Height - 26);
        var y = new LinearScale(0, Math.Max(most, 4), frame.Bottom, frame.Top, 4);
        frame.Horizontal(svg, y);
        var at = frame.Left;
        foreach (var (name, look) in Parts)
        {
            svg.Rect(at, 4, 10, 10, $"fill {look}", 2);
            svg.Text(at + 15, 13, name, "name");
            at += 32 + (name.Length * 7.2);
        }

        var step = (frame.Right - frame.Left) / Math.Max(1, Columns.Count);
        var gap = step > 6 ? 1.5 : step > 3 ? 0.5 : 0;
        for (var i = 0; i < Columns.Count; i++)
        {
            var x = frame.Left + (i * step);
            if (Columns[i].Tick.Length > 0)
            {
                svg.Text(x, frame.Bottom + 17, Columns[i].Tick, "tick", "middle");
            }

            long below = 0;
            for (var part = 0; part < Parts.Count; part++)
            {
                var count = Columns[i].Counts[part];
                if (count > 0)
                {
                    var (top, foot) = (y[below + count], y[below]);
                    svg.Rect(x + (gap / 2), Math.Min(top, foot - 1), step - gap, Math.Max(1, foot - top), $"fill {Parts[part].Look}", 0, $"{Columns[i].Name}: {count:#,0} {Parts[part].Name}");
                    below += count;
                }
            }
        }

        if (most == 0)
        {
            svg.Text((frame.Left + frame.Right) / 2, (frame.Top + frame.Bottom) / 2, Empty, "empty", "middle");
        }

        return svg.ToString();
    }

    string Describe() => string.Join(", ", Parts.Select((p, i) => $"{Columns.Sum(c => c.Counts[i]):#,0} {p.Name}")) + " in all.";
}
