using System.Text;

namespace Workflow.Reports.Svg;

/// <summary>A named line: points in ascending order of step. A value that is not finite breaks the line.</summary>
public sealed record LineSeries(string Name, IReadOnlyList<(double Step, double Value)> Points);

/// <summary>Curves over steps. Each line is named at its right end, so that no legend has to be matched by colour.</summary>
public sealed record LineChart(string Id, string Title, IReadOnlyList<LineSeries> Series)
{
    const int MaxPoints = 400;

    /// <summary>Name of the horizontal axis.</summary>
    public string XTitle { get; init; } = "step";

    /// <summary>Whether zero must be in view.</summary>
    public bool FromZero { get; init; }

    /// <summary>The chart as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Height = 268;
        var drawn = Series.Select(s => s with { Points = Thin(s.Points.Where(p => double.IsFinite(p.Step)).ToList()) }).ToList();
        var values = drawn.SelectMany(s => s.Points).Where(p => double.IsFinite(p.Value)).ToList();
        var svg = new SvgDrawing(Id, Width, Height, Title, Describe(drawn));
        if (values.Count == 0)
        {
            svg.Text(Width / 2, Height / 2, "No points yet", "empty", "middle");
            return svg.ToString();
        }

        var single = drawn.Count == 1;
        var widest = single ? 0 : drawn.Max(s => Math.Min(s.Name.Length, EndLabels.Longest));
        var frame = new ChartFrame(52, 12, Width - (single ? 14 : 16 + (widest * 7.2)), Height - 42);
        var x = new LinearScale(values.Min(p => p.Step), values.Max(p => p.Step), frame.Left, frame.Right, 5, nice: false);
        var low = values.Min(p => p.Value);
        var y = new LinearScale(FromZero ? Math.Min(0, low) : low, values.Max(p => p.Value), frame.Bottom, frame.Top, 4);
        frame.Horizontal(svg, y);
        frame.Bottoms(svg, x, XTitle);
        for (var i = 0; i < drawn.Count; i++)
        {
            var colour = $"s{(i % 6) + 1}";
            svg.Path(Data(drawn[i].Points, x, y), $"line {colour}{(i >= 6 ? " dashed" : "")}");
            var last = drawn[i].Points.LastOrDefault(p => double.IsFinite(p.Value));
            if (drawn[i].Points.Count > 0)
            {
                svg.Circle(x[last.Step], y[last.Value], 3, $"dot {colour}", $"{drawn[i].Name}: {last.Value:0.####} at {last.Step:0.#}");
            }
        }

        if (!single)
        {
            EndLabels.Draw(svg, frame, drawn.Select((s, i) => (s.Name, $"s{(i % 6) + 1}", s.Points.Count == 0 ? frame.Bottom : y[s.Points.LastOrDefault(p => double.IsFinite(p.Value)).Value])));
        }

        return svg.ToString();
    }

    /// <summary>Thins a long line to about <see cref="MaxPoints"/> points, keeping the lowest and highest of each bucket so that spikes stay.</summary>
    public static IReadOnlyList<(double Step, double Value)> Thin(IReadOnlyList<(double Step, double Value)> points, int most = MaxPoints)
    {
        if (points.Count <= most)
        {
            return points;
        }

        var kept = new List<(double, double)>(most + 2);
        var buckets = most / 2;
        for (var b = 0; b < buckets; b++)
        {
            var from = (int)((long)points.Count * b / buckets);
            var to = (int)((long)points.Count * (b + 1) / buckets);
            int low = from, high = from;
            for (var i = from; i < to; i++)
            {
                low = points[i].Value < points[low].Value ? i : low;
                high = points[i].Value > points[high].Value ? i : high;
            }

            kept.Add(points[Math.Min(low, high)]);
            if (low != high)
            {
                kept.Add(points[Math.Max(low, high)]);
            }
        }

        if (kept[^1] != points[^1])
        {
            kept.Add(points[^1]);
        }

        return kept;
    }

    /// <summary>Path data of a line; a value that is not finite breaks it.</summary>
    internal static string Data(IReadOnlyList<(double Step, double Value)> points, LinearScale x, LinearScale y)
    {
        var d = new StringBuilder();
        var pen = false;
        foreach (var (step, value) in points)
        {
            if (!double.IsFinite(value))
            {
                pen = false;
                continue;
            }

            d.Append(pen ? 'L' : 'M').Append(SvgDrawing.Number(x[step])).Append(' ').Append(SvgDrawing.Number(y[value]));
            pen = true;
        }

        return d.ToString();
    }

    static string Describe(List<LineSeries> series) => string.Join(" ", series.Select(s =>
    {
        var finite = s.Points.Where(p => double.IsFinite(p.Value)).ToList();
        return finite.Count == 0
            ? $"{s.Name}: no points."
            : $"{s.Name}: from {finite[0].Value:0.####} at step {finite[0].Step:0.#} to {finite[^1].Value:0.####} at step {finite[^1].Step:0.#}, lowest {finite.Min(p => p.Value):0.####}, highest {finite.Max(p => p.Value):0.####}.";
    }));
}
