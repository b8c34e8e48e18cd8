namespace Workflow.Reports.Svg;

/// <summary>One column: its label and the amounts of its parts, in the order of <see cref="StackedColumns.Parts"/>.</summary>
public sealed record StackedColumn(string Name, IReadOnlyList<long> Amounts);

/// <summary>Columns over time, stacked where there are several parts: cache hits and misses by day, bytes added by day.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Parts">Names of the parts, from the bottom up.</param>
/// <param name="Columns">From left to right.</param>
public sealed record StackedColumns(string Id, string Title, IReadOnlyList<string> Parts, IReadOnlyList<StackedColumn> Columns)
{
    /// <summary>How an amount is written.</summary>
    public Func<long, string> Write { get; init; } = n => n.ToString("#,0");

    /// <summary>The chart as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Height = 190;
        var most = Columns.Select(c => c.Amounts.Sum()).DefaultIfEmpty(0).Max();
        var svg = new SvgDrawing(Id, Width, Height, Title, string.Join(" ", Columns.Where(c => c.Amounts.Sum() > 0).Select(c => $"{c.Name}: {Sentence(c)}.")));
        if (most == 0)
        {
            svg.Text(Width / 2, Height / 2, "None", "empty", "middle");
            return svg.ToString();
        }

        var at = 0.0;
        for (var part = 0; Parts.Count > 1 && part < Parts.Count; part++)
        {
            svg.Rect(at, 2, 10, 10, $"fill s{(part % 6) + 1}", 2);
            svg.Text(at + 15, 11, Parts[part], "name");
            at += 32 + (Parts[part].Length * 7.4);
        }

        const double top = 30, bottom = Height - 24;
        svg.Line(0, bottom, Width, bottom, "axis");
        svg.Line(0, top, Width, top, "grid");
        svg.Text(Width, top - 5, Write(most), "tick", "end");
        var slot = Width / Columns.Count;
        for (var i = 0; i < Columns.Count; i++)
        {
            var y = bottom;
            for (var part = 0; part < Columns[i].Amounts.Count; part++)
            {
                var height = (bottom - top) * Columns[i].Amounts[part] / most;
                if (height > 0)
                {
                    y -= height;
                    svg.Rect((i * slot) + (slot * .12), y, slot * .76, Math.Max(1, height), $"fill s{(part % 6) + 1}", 1, $"{Columns[i].Name}: {Sentence(Columns[i])}");
                }
            }
        }

        svg.Text(0, Height - 6, Columns[0].Name, "tick");
        svg.Text(Width, Height - 6, Columns[^1].Name, "tick", "end");
        return svg.ToString();
    }

    string Sentence(StackedColumn column) => string.Join(", ", column.Amounts.Select((a, i) => Parts.Count > 1 ? $"{Write(a)} {Parts[i]}" : Write(a)));
}
