using System.Text;

namespace Workflow.Reports.Svg;

/// <summary>Distributions at one step.</summary>
/// <param name="Label">"step 50".</param>
/// <param name="Series">Counts by kind, all over the same bins.</param>
/// <param name="Marked">Whether the row is the one to look at.</param>
public sealed record RidgeRow(string Label, IReadOnlyList<HistogramSeries> Series, bool Marked = false);

/// <summary>Distributions over steps, one row a step, each kind as shares of its own total, so that drift is seen at a glance.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Low">Left edge of the first bin.</param>
/// <param name="High">Right edge of the last.</param>
/// <param name="Rows">Rows from the first step to the last.</param>
/// <param name="Colours">Colour class of each kind.</param>
public sealed record RidgelineChart(string Id, string Title, double Low, double High, IReadOnlyList<RidgeRow> Rows, IReadOnlyDictionary<string, string> Colours)
{
    const double Width = 420, RowHeight = 34, Rise = 58, Left = 66, Right = Width - 14, Legend = 30;

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        var bins = Rows.SelectMany(r => r.Series).Select(s => s.Counts.Count).DefaultIfEmpty(0).Max();
        var used = Enumerable.Range(0, bins).Where(b => Rows.Any(r => r.Series.Any(s => b < s.Counts.Count && s.Counts[b] > 0))).ToList();
        if (used.Count == 0)
        {
            var empty = new SvgDrawing(Id, Width, 120, Title, "Nothing counted.");
            empty.Text(Width / 2, 60, "Nothing counted", "empty", "middle");
            return empty.ToString();
        }

        // Only the stretch that was ever met, and a bin around it.
        var bin = (High - Low) / bins;
        var (first, last) = (Math.Max(0, used[0] - 1), Math.Min(bins - 1, used[^1] + 1));
        var x = new LinearScale(Low + (first * bin), Low + ((last + 1) * bin), Left, Right, 5, nice: false);
        var top = Rows.SelectMany(r => r.Series).Max(s => s.Counts.Max() / (double)Math.Max(1, s.Counts.Sum()));
        var start = Legend + Rise;
        var height = start + ((Rows.Count - 1) * RowHeight) + 42;
        var svg = new SvgDrawing(Id, Width, height, Title, Describe(bin));
        var at = 4.0;
        foreach (var kind in Rows.SelectMany(r => r.Series).Select(s => s.Name).Distinct(StringComparer.Ordinal))
        {
            svg.Rect(at, 6, 10, 10, $"fill {Colours.GetValueOrDefault(kind, "s6")}", 2);
            svg.Text(at + 15, 15, kind, "name");
            at += 26 + (kind.Length * 7);
        }

        for (var r = 0; r < Rows.Count; r++)
        {
            var y = start + (r * RowHeight);
            foreach (var series in Rows[r].Series)
            {
                var (area, line) = Outline(series.Counts, first, last, bin, x, y, top);
                svg.Path(area, "ridge-base");
                svg.Path(area, $"ridge {Colours.GetValueOrDefault(series.Name, "s6")}");
                svg.Path(line, $"ridge-line {Colours.GetValueOrDefault(series.Name, "s6")}");
            }

            svg.Line(Left, y, Right, y, "grid");
            svg.Text(Left - 8, y + 1, Rows[r].Label, Rows[r].Marked ? "tick marked" : "tick", "end");
        }

        new ChartFrame(Left, Legend, Right, start + ((Rows.Count - 1) * RowHeight)).Bottoms(svg, x, "cosine");
        return svg.ToString();
    }

    (string Area, string Line) Outline(IReadOnlyList<long> counts, int first, int last, double bin, LinearScale x, double baseline, double top)
    {
        double total = Math.Max(1, counts.Sum());
        var d = new StringBuilder();
        for (var b = first; b <= last; b++)
        {
            d.Append(b == first ? 'M' : 'L').Append(SvgDrawing.Number(x[Low + ((b + 0.5) * bin)])).Append(' ').Append(SvgDrawing.Number(baseline - (counts[b] / total / top * Rise)));
        }

        var line = d.ToString();
        return ($"{line}L{SvgDrawing.Number(x[Low + ((last + 0.5) * bin)])} {SvgDrawing.Number(baseline)}L{SvgDrawing.Number(x[Low + ((first + 0.5) * bin)])} {SvgDrawing.Number(baseline)}Z", line);
    }

    string Describe(double bin) => string.Join(" ", Rows.Select(r => $"{r.Label}: {string.Join(", ", r.Series.Select(s => $"{s.Name} around {Mean(s.Counts, bin):0.00}"))}."));

    double Mean(IReadOnlyList<long> counts, double bin) => counts.Select((c, i) => c * (Low + ((i + 0.5) * bin))).Sum() / Math.Max(1, counts.Sum());
}
