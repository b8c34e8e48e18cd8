using System.Globalization;
using System.Xml.Linq;
using Workflow.Reports.Svg;
using Xunit;

namespace Workflow.Tests.Reports.Svg;

public sealed class ChartTests
{
    static readonly XNamespace Ns = "http://www.w3.org/2000/svg";

    [Fact]
    public void LineChart_ThinsAMillionPoints_AndKeepsTheSpike()
    {
        var points = Enumerable.Range(0, 1_000_000).Select(i => ((double)i, i == 777_777 ? 50.0 : Math.Sin(i))).ToList();
        var kept = LineChart.Thin(points);
        Assert.InRange(kept.Count, 300, 401);
        Assert.Contains((777_777.0, 50.0), kept);
        Assert.Equal(points[^1], kept[^1]);
        Assert.Equal(kept.OrderBy(p => p.Step), kept);
    }

    [Fact]
    public void LineChart_DrawsValuesHigher_WhenTheyAreLarger()
    {
        var svg = XDocument.Parse(new LineChart("c", "t", [new("a", [(0, 1), (10, 2), (20, 4)])]).ToString());
        var path = Points((string)svg.Descendants(Ns + "path").Single(p => ((string)p.Attribute("class")!).StartsWith("line", StringComparison.Ordinal)).Attribute("d")!);
        Assert.Equal(3, path.Count);
        Assert.True(path[0].X < path[1].X && path[1].X < path[2].X);
        Assert.True(path[0].Y > path[1].Y && path[1].Y > path[2].Y);
        Assert.Equal(2 * (path[0].Y - path[1].Y), path[1].Y - path[2].Y, 1);
    }

    [Fact]
    public void LineChart_BreaksTheLine_AtNaN()
    {
        var svg = new LineChart("c", "t", [new("a", [(0, 1), (1, double.NaN), (2, 3), (3, 2)])]).ToString();
        var d = (string)XDocument.Parse(svg).Descendants(Ns + "path").Single().Attribute("d")!;
        Assert.Equal(2, d.Count(c => c == 'M'));
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_SayThatTheyAreEmpty_WhenNothingIsThere()
    {
        foreach (var svg in new[] { new LineChart("c", "t", []).ToString(), new HistogramChart("h", "t", 0, 1, [new("a", [0, 0])]).ToString(), new IntervalPlot("i", "t", []).ToString(),
            new BarChart("b", "t", ["n"], []).ToString(), new DagChart("d", "t", [], []).ToString() })
        {
            Assert.Single(XDocument.Parse(svg).Descendants(Ns + "text"), t => (string)t.Attribute("class")! == "empty");
        }
    }

    [Fact]
    public void HistogramChart_TakesMeansFromBinMiddles()
    {
        var chart = new HistogramChart("h", "t", -1, 1, [new("a", [1, 0, 0, 3])]);
        Assert.Equal((-0.75 + (3 * 0.75)) / 4, chart.Mean(chart.Series[0].Counts)!.Value, 12);
    }

    [Fact]
    public void IntervalPlot_PutsDotsInsideTheirWhiskers()
    {
        var svg = XDocument.Parse(new IntervalPlot("i", "t", [new("a", "a", 0.5, 0.4, 0.7), new("b", "b", -0.1, -0.2, 0.05)]) { Zero = true }.ToString());
        var dots = svg.Descendants(Ns + "circle").Select(c => (Class: (string)c.Attribute("class")!, X: Value(c, "cx"))).ToList();
        var whiskers = svg.Descendants(Ns + "line").Where(l => ((string)l.Attribute("class")!).StartsWith("whisker", StringComparison.Ordinal) && Value(l, "x1") != Value(l, "x2")).ToList();
        Assert.Equal(2, dots.Count);
        Assert.All(dots.Zip(whiskers), p => Assert.InRange(p.First.X, Value(p.Second, "x1"), Value(p.Second, "x2")));
        Assert.StartsWith("dot", dots[0].Class, StringComparison.Ordinal);
        Assert.StartsWith("hollow", dots[1].Class, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.2, 0.49, "0.2 0.3 0.4 0.5")]
    [InlineData(-0.13, 0.3, "−0.2 −0.1 0.0 0.1 0.2 0.3")]
    [InlineData(0, 1200, "0 250 500 750 1000 1250")]
    [InlineData(0, 60000, "0 20k 40k 60k")]
    [InlineData(5, 5, "4.4 4.6 4.8 5.0 5.2 5.4 5.6")]
    public void LinearScale_ChoosesRoundTicks(double low, double high, string expected)
    {
        var scale = new LinearScale(low, high, 0, 100, 5);
        Assert.Equal(expected, string.Join(' ', scale.Ticks().Select(scale.Label)));
    }

    [Fact]
    public void DagChart_DrawsNoBoxOverAnother_AndEveryEdgeDownwards()
    {
        var nodes = Enumerable.Range(0, 40).Select(i => new DagNode($"n{i}", $"node {i}", Link: $"/n/{i}")).ToList();
        var edges = Enumerable.Range(1, 39).SelectMany(i => new[] { ($"n{i / 2}", $"n{i}"), ($"n{i / 3}", $"n{i}"), ($"n{Math.Max(0, i - 7)}", $"n{i}") }).Where(e => e.Item1 != e.Item2).ToList();
        var layout = new DagLayout(nodes.Select(n => n.Id).ToList(), edges, 148, 44);
        foreach (var (from, to) in edges)
        {
            Assert.True(layout.Boxes[from].Y + 44 < layout.Boxes[to].Y, $"{from} is not above {to}");
        }

        var boxes = layout.Boxes.ToList();
        for (var i = 0; i < boxes.Count; i++)
        {
            Assert.InRange(boxes[i].Value.X, -1e-6, layout.Width - 148 + 1e-6);
            for (var j = 0; j < i; j++)
            {
                Assert.True(boxes[i].Value.Y != boxes[j].Value.Y || Math.Abs(boxes[i].Value.X - boxes[j].Value.X) >= 148, $"{boxes[i].Key} lies on {boxes[j].Key}");
            }
        }

        Assert.Equal(40, XDocument.Parse(new DagChart("d", "t", nodes, edges).ToString()).Descendants(Ns + "a").Count());
    }

    [Fact]
    public void DagLayout_LeavesOutAnEdge_ThatWouldCloseACircle()
    {
        var layout = new DagLayout(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")], 100, 40);
        Assert.Equal(["a>b", "b>c"], layout.Edges.Select(e => $"{e.From}>{e.To}"));
    }

    [Fact]
    public void DagLayout_KeepsAChainStraight()
    {
        var layout = new DagLayout(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "d")], 100, 40);
        Assert.Single(layout.Boxes.Values.Select(b => Math.Round(b.X, 6)).Distinct());
    }

    [Fact]
    public void SvgDrawing_EscapesTextAndReplacesWhatXmlCannotHold()
    {
        var svg = XDocument.Parse(new DagChart("d", "<b>\u0000", [new("a", "</text><script>\u001b😀\ud800")], []).ToString());
        Assert.Equal("</text><script>\uFFFD😀\uFFFD", svg.Descendants(Ns + "text").Single().Value);
        Assert.DoesNotContain(svg.Descendants(), e => e.Name.LocalName == "script");
    }

    static double Value(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    static List<(double X, double Y)> Points(string d) => d.Split(['M', 'L'], StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split(' ')).Select(p => (double.Parse(p[0], CultureInfo.InvariantCulture), double.Parse(p[1], CultureInfo.InvariantCulture))).ToList();
}
