using System.Text;

namespace Workflow.Reports.Svg;

/// <summary>A distribution at a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Counts">One count per bin.</param>
/// <param name="P5">5th percentile; null where it is not known.</param>
/// <param name="P50">Median.</param>
/// <param name="P95">95th percentile.</param>
public sealed record HeatColumn(double Step, IReadOnlyList<long> Counts, double? P5, double? P50, double? P95);

/// <summary>Distributions over steps as a strip of heat, with the 5th, 50th and 95th percentile as lines over it.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Low">Value at the lower edge of the first bin.</param>
/// <param name="High">Value at the upper edge of the last.</param>
/// <param name="Columns">In ascending order of step.</param>
/// <param name="Colour">Colour class, s1 to s6.</param>
public sealed record HeatStripChart(string Id, string Title, double Low, double High, IReadOnlyList<HeatColumn> Columns, string Colour)
{
    const int Levels = 6;

    /// <summary>What goes through the strip; flags and phases are left to the pictures above.</summary>
    public StepMarks Marks { get; init; } = new();

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Height = 210;
        var svg = new SvgDrawing(Id, Width, Height, Title, Describe());
        var bins = Columns.Select(c => c.Counts.Count).DefaultIfEmpty(0).Max();
        var used = Enumerable.Range(0, bins).Where(b => Columns.Any(c => b < c.Counts.Count && c.Counts[b] > 0)).ToList();
        if (used.Count == 0)
        {
            svg.Text(Width / 2, Height / 2, "No histogram yet", "empty", "middle");
            return svg.ToString();
        }

        var size = (High - Low) / bins;
        var (first, last) = (Math.Max(0, used[0] - 1), Math.Min(bins - 1, used[^1] + 1));
        var frame = new ChartFrame(46, 8, Width - 30, Height - 42);
        var x = new LinearScale(Columns[0].Step, Columns[^1].Step, frame.Left, frame.Right, 5, nice: false);
        var y = new LinearScale(Low + (first * size), Low + ((last + 1) * size), frame.Bottom, frame.Top, 5, nice: false);
        Cells(svg, frame, x, y, first, last, size);
        foreach (var tick in y.Ticks())
        {
            svg.Text(frame.Left - 8, y[tick] + 4, y.Label(tick), "tick", "end");
        }

        foreach (var end in Marks.WarmupEnds)
        {
            svg.Line(x[end], frame.Top, x[end], frame.Bottom, "warmup");
        }

        foreach (var (name, value) in new (string, Func<HeatColumn, double?>)[] { ("p5", c => c.P5), ("p50", c => c.P50), ("p95", c => c.P95) })
        {
            var points = Columns.Where(c => value(c) is not null).Select(c => (c.Step, value(c)!.Value)).ToList();
            if (points.Count > 0)
            {
                svg.Path(LineChart.Data(points, x, y), $"percentile {(name == "p50" ? "median" : "")}");
                svg.Text(frame.Right + 4, y[points[^1].Value] + 4, name, "tick");
            }
        }

        frame.Bottoms(svg, x, "step");
        return svg.ToString();
    }

    void Cells(SvgDrawing svg, ChartFrame frame, LinearScale x, LinearScale y, int first, int last, double size)
    {
        var levels = Enumerable.Range(0, Levels).Select(_ => new StringBuilder()).ToArray();
        for (var i = 0; i < Columns.Count; i++)
        {
            // A column reaches halfway to its neighbours.
            var at = x[Columns[i].Step];
            var from = i == 0 ? frame.Left : (at + x[Columns[i - 1].Step]) / 2;
            var to = i == Columns.Count - 1 ? frame.Right : (at + x[Columns[i + 1].Step]) / 2;
            double most = Math.Max(1, Columns[i].Counts.Max());
            for (var b = first; b <= last && b < Columns[i].Counts.Count; b++)
            {
                if (Columns[i].Counts[b] > 0)
                {
                    // Shares of the column's own peak; the root keeps thin tails in sight.
                    var level = Math.Clamp((int)(Math.Sqrt(Columns[i].Counts[b] / most) * Levels), 0, Levels - 1);
                    levels[level].Append($"M{SvgDrawing.Number(from)} {SvgDrawing.Number(y[Low + ((b + 1) * size)])}H{SvgDrawing.Number(to)}V{SvgDrawing.Number(y[Low + (b * size)])}H{SvgDrawing.Number(from)}Z");
                }
            }
        }

        for (var level = 0; level < Levels; level++)
        {
            if (levels[level].Length > 0)
            {
                svg.Path(levels[level].ToString(), $"heat heat{level + 1} {Colour}");
            }
        }
    }

    string Describe() => Columns.Count == 0 ? "No histogram." : Columns[^1].P50 is { } now
        ? $"Median from {Columns[0].P50:0.000} at step {Columns[0].Step:0} to {now:0.000} at step {Columns[^1].Step:0}; at the end 90 % lie between {Columns[^1].P5:0.000} and {Columns[^1].P95:0.000}."
        : $"{Columns.Count} histograms from step {Columns[0].Step:0} to {Columns[^1].Step:0}.";
}
