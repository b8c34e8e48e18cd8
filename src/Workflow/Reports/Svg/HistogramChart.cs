using System.Text;

namespace Workflow.Reports.Svg;

/// <summary>Counts of values in bins of equal width.</summary>
/// <param name="Name">What was counted: "positive".</param>
/// <param name="Counts">One count per bin, from the low end to the high end.</param>
public sealed record HistogramSeries(string Name, IReadOnlyList<long> Counts);

/// <summary>
/// Distributions laid over each other as shares of their own total, so that 1,000 positives and 100,000 in-batch negatives can be compared.
/// </summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Low">Value at the left edge of the first bin.</param>
/// <param name="High">Value at the right edge of the last bin.</param>
/// <param name="Series">Distributions, all with the same number of bins.</param>
public sealed record HistogramChart(string Id, string Title, double Low, double High, IReadOnlyList<HistogramSeries> Series)
{
    /// <summary>Name of the horizontal axis.</summary>
    public string XTitle { get; init; } = "cosine";

    /// <summary>The chart as SVG.</summary>
    public override string ToString()
    {
        const double Width = 460, Height = 220;
        var svg = new SvgDrawing(Id, Width, Height, Title, Describe());
        var shares = Series.Select(s => Share(s.Counts)).ToList();
        var top = shares.SelectMany(s => s).DefaultIfEmpty(0).Max();
        if (top <= 0)
        {
            svg.Text(Width / 2, Height / 2, "Nothing counted", "empty", "middle");
            return svg.ToString();
        }

        var frame = new ChartFrame(14, 30, Width - 14, Height - 42);
        var x = new LinearScale(Low, High, frame.Left, frame.Right, 5, nice: false);
        var y = new LinearScale(0, top, frame.Bottom, frame.Top, 4, nice: false);
        frame.Bottoms(svg, x, XTitle);
        var at = frame.Left;
        for (var i = 0; i < Series.Count; i++)
        {
            var colour = $"s{(i % 6) + 1}";
            var (area, line) = Outline(shares[i], frame, y);
            svg.Path(area, $"area {colour}");
            svg.Path(line, $"line {colour}");
            svg.Rect(at, 6, 10, 10, $"fill {colour}", 2);
            svg.Text(at + 15, 15, Series[i].Name, "name");
            at += 30 + (Series[i].Name.Length * 7.2);
        }

        for (var i = 0; i < Series.Count; i++)
        {
            if (Mean(Series[i].Counts) is { } mean)
            {
                svg.Line(x[mean], frame.Bottom, x[mean], frame.Bottom - 9, $"mean s{(i % 6) + 1}");
            }
        }

        return svg.ToString();
    }

    (string Area, string Line) Outline(double[] shares, ChartFrame frame, LinearScale y)
    {
        var d = new StringBuilder();
        var width = (frame.Right - frame.Left) / Math.Max(1, shares.Length);
        for (var i = 0; i < shares.Length; i++)
        {
            var left = frame.Left + (i * width);
            d.Append(i == 0 ? 'M' : 'L').Append(SvgDrawing.Number(left)).Append(' ').Append(SvgDrawing.Number(y[shares[i]]))
                .Append('L').Append(SvgDrawing.Number(left + width)).Append(' ').Append(SvgDrawing.Number(y[shares[i]]));
        }

        var line = d.ToString();
        return ($"{line}L{SvgDrawing.Number(frame.Right)} {SvgDrawing.Number(frame.Bottom)}L{SvgDrawing.Number(frame.Left)} {SvgDrawing.Number(frame.Bottom)}Z", line);
    }

    /// <summary>Mean of binned values, taking each bin's middle; null for no counts.</summary>
    public double? Mean(IReadOnlyList<long> counts)
    {
        var total = counts.Sum();
        var width = (High - Low) / Math.Max(1, counts.Count);
        return total == 0 ? null : counts.Select((c, i) => c * (Low + ((i + 0.5) * width))).Sum() / total;
    }

    string Describe() => string.Join(" ", Series.Select(s => Mean(s.Counts) is { } mean ? $"{s.Name}: {s.Counts.Sum():#,0} values, mean {mean:0.###}." : $"{s.Name}: none."));

    static double[] Share(IReadOnlyList<long> counts)
    {
        var total = counts.Sum();
        return counts.Select(c => total == 0 ? 0 : (double)c / total).ToArray();
    }
}
