namespace Workflow.Reports.Svg;

/// <summary>One bar: a label and the counts of its parts, in the order of <see cref="BarChart.Parts"/>.</summary>
public sealed record Bar(string Name, IReadOnlyList<long> Counts);

/// <summary>Horizontal bars, stacked where there are several parts: rejects by reason, pairs by generator and split.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Parts">Names of the parts; one for plain bars.</param>
/// <param name="Bars">Bars from top to bottom.</param>
public sealed record BarChart(string Id, string Title, IReadOnlyList<string> Parts, IReadOnlyList<Bar> Bars)
{
    /// <summary>The chart as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Row = 28;
        var legend = Parts.Count > 1 ? 26 : 4;
        var height = legend + (Bars.Count * Row) + 8;
        var description = string.Join(" ", Bars.Select(b => $"{b.Name}: " + string.Join(", ", b.Counts.Select((c, i) => Parts.Count > 1 ? $"{c:#,0} {Parts[i]}" : $"{c:#,0}")) + "."));
        var svg = new SvgDrawing(Id, Width, Math.Max(48, height), Title, description);
        var most = Bars.Select(b => b.Counts.Sum()).DefaultIfEmpty(0).Max();
        if (most == 0)
        {
            svg.Text(Width / 2, 28, "None", "empty", "middle");
            return svg.ToString();
        }

        if (Parts.Count > 1)
        {
            var at = 0.0;
            for (var i = 0; i < Parts.Count; i++)
            {
                svg.Rect(at, 2, 10, 10, $"fill s{(i % 6) + 1}", 2);
                svg.Text(at + 15, 11, Parts[i], "name");
                at += 32 + (Parts[i].Length * 7.2);
            }
        }

        var labels = Math.Min(180, 14 + (Bars.Max(b => Math.Min(b.Name.Length, 24)) * 7.0));
        var room = Width - labels - 70;
        for (var i = 0; i < Bars.Count; i++)
        {
            var y = legend + (i * Row);
            var x = labels;
            svg.Text(labels - 10, y + 18, SvgDrawing.Cut(Bars[i].Name, 24), "name", "end");
            for (var part = 0; part < Bars[i].Counts.Count; part++)
            {
                var width = room * Bars[i].Counts[part] / most;
                if (width > 0)
                {
                    svg.Rect(x, y + 5, Math.Max(1, width - (Bars[i].Counts.Count > 1 ? 1 : 0)), 18, $"fill s{(part % 6) + 1}", 2,
                        Parts.Count > 1 ? $"{Bars[i].Name}, {Parts[part]}: {Bars[i].Counts[part]:#,0}" : $"{Bars[i].Name}: {Bars[i].Counts[part]:#,0}");
                }

                x += width;
            }

            svg.Text(x + 7, y + 18, Bars[i].Counts.Sum().ToString("#,0"), "value");
        }

        return svg.ToString();
    }
}
