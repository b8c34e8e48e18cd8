using System.Text;
using System.Xml.Linq;

namespace Workflow.Reports.Svg;

/// <summary>A directed acyclic graph from left to right, as data flows: artifacts as rounded boxes, stages as square ones, folded stages as a pile. Boxes may be links.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Nodes">Boxes; the class says "artifact", "stage" or "file", "here" for the start and "folded" for a pile.</param>
/// <param name="Edges">From box to box, by id.</param>
public sealed record LineageChart(string Id, string Title, IReadOnlyList<DagNode> Nodes, IReadOnlyList<(string From, string To)> Edges)
{
    const double BoxWidth = 156, BoxHeight = 42, Margin = 8;

    /// <summary>The graph as SVG at its natural size.</summary>
    public override string ToString()
    {
        // The layout goes from top to bottom: with sides exchanged it goes from left to right.
        var layout = new DagLayout(Nodes.Select(n => n.Id).ToList(), Edges, BoxHeight, BoxWidth, 14, 44);
        var svg = new SvgDrawing(Id, Math.Max(200, layout.Height + (2 * Margin)), Math.Max(60, layout.Width + (2 * Margin)), Title,
            $"{Nodes.Count(n => n.Class.Contains("artifact", StringComparison.Ordinal))} artifacts, {Nodes.Count(n => n.Class.Contains("stage", StringComparison.Ordinal))} stages, from left to right. The list beside it says the same in words.",
            Nodes.Any(n => n.Link is not null) ? "group" : "img");
        foreach (var (_, _, points) in layout.Edges)
        {
            svg.Path(Curve(points), "edge");
        }

        // Links are reached by keyboard in the order of the picture: from left to right.
        foreach (var node in Nodes.DistinctBy(n => n.Id).OrderBy(n => layout.Boxes[n.Id].Y).ThenBy(n => layout.Boxes[n.Id].X))
        {
            var (top, left) = layout.Boxes[node.Id];
            svg.Inside(Wrap(node), () => Draw(svg, node, left + Margin, top + Margin));
        }

        return svg.ToString();
    }

    static void Draw(SvgDrawing svg, DagNode node, double x, double y)
    {
        if (node.Class.Contains("folded", StringComparison.Ordinal))
        {
            svg.Rect(x + 4, y + 4, BoxWidth, BoxHeight, "box", 6);
        }

        svg.Rect(x, y, BoxWidth, BoxHeight, "box", node.Class.Contains("artifact", StringComparison.Ordinal) ? BoxHeight / 2 : 6, $"{node.Label} {node.Detail}".TrimEnd());
        svg.Text(x + (BoxWidth / 2), y + (node.Detail.Length == 0 ? 26 : 18), SvgDrawing.Cut(node.Label, 20), "label", "middle");
        if (node.Detail.Length > 0)
        {
            svg.Text(x + (BoxWidth / 2), y + 33, SvgDrawing.Cut(node.Detail, 22), "detail", "middle");
        }
    }

    static XElement Wrap(DagNode node)
    {
        var group = node.Link is null ? SvgDrawing.Group("node") : new XElement(SvgDrawing.Namespace + "a", new XAttribute("class", "node"), new XAttribute("href", SvgDrawing.Clean(node.Link)));
        group.SetAttributeValue("class", $"node {node.Class}");
        return group;
    }

    static string Curve(IReadOnlyList<(double X, double Y)> points)
    {
        var d = new StringBuilder();
        for (var i = 0; i < points.Count; i++)
        {
            var (x, y) = (points[i].Y + Margin, points[i].X + Margin);
            if (i == 0)
            {
                d.Append('M').Append(SvgDrawing.Number(x)).Append(' ').Append(SvgDrawing.Number(y));
                continue;
            }

            var (px, py) = (points[i - 1].Y + Margin, points[i - 1].X + Margin);
            var half = (x - px) / 2;
            d.Append('C').Append(SvgDrawing.Number(px + half)).Append(' ').Append(SvgDrawing.Number(py)).Append(' ').Append(SvgDrawing.Number(x - half)).Append(' ').Append(SvgDrawing.Number(y)).Append(' ')
                .Append(SvgDrawing.Number(x)).Append(' ').Append(SvgDrawing.Number(y));
        }

        return d.ToString();
    }
}
