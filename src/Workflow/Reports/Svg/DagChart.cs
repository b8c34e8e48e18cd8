using System.Text;
using System.Xml.Linq;

namespace Workflow.Reports.Svg;

/// <summary>A directed acyclic graph from top to bottom: stages of a job, or artifacts and what made them. Boxes may be links.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Nodes">Boxes.</param>
/// <param name="Edges">From box to box, by id.</param>
public sealed record DagChart(string Id, string Title, IReadOnlyList<DagNode> Nodes, IReadOnlyList<(string From, string To)> Edges)
{
    /// <summary>Width of a box in user units.</summary>
    public double BoxWidth { get; init; } = 148;

    /// <summary>The graph as SVG at its natural size.</summary>
    public override string ToString()
    {
        const double BoxHeight = 44, Margin = 6;
        var layout = new DagLayout(Nodes.Select(n => n.Id).ToList(), Edges, BoxWidth, BoxHeight);
        var links = Nodes.Any(n => n.Link is not null);
        var svg = new SvgDrawing(Id, Math.Max(200, layout.Width + (2 * Margin)), Math.Max(48, layout.Height + (2 * Margin)), Title, Describe(), links ? "group" : "img");
        if (Nodes.Count == 0)
        {
            svg.Text(100, 28, "Nothing here yet", "empty", "middle");
            return svg.ToString();
        }

        foreach (var (_, _, points) in layout.Edges)
        {
            svg.Path(Curve(points, Margin), "edge");
        }

        foreach (var node in Nodes.DistinctBy(n => n.Id))
        {
            var (x, y) = layout.Boxes[node.Id];
            svg.Inside(Wrap(node), () =>
            {
                svg.Rect(x + Margin, y + Margin, BoxWidth, BoxHeight, "box", node.Class.Contains("artifact", StringComparison.Ordinal) ? 22 : 6, $"{node.Label} {node.Detail}".TrimEnd());
                var middle = x + Margin + (BoxWidth / 2);
                var room = (int)(BoxWidth / 7.3);
                svg.Text(middle, y + Margin + (node.Detail.Length == 0 ? 27 : 19), SvgDrawing.Cut(node.Label, room), "label", "middle");
                if (node.Detail.Length > 0)
                {
                    svg.Text(middle, y + Margin + 34, SvgDrawing.Cut(node.Detail, room + 2), "detail", "middle");
                }
            });
        }

        return svg.ToString();
    }

    static XElement Wrap(DagNode node)
    {
        var group = node.Link is null ? SvgDrawing.Group("node") : new XElement(SvgDrawing.Namespace + "a", new XAttribute("class", "node"), new XAttribute("href", SvgDrawing.Clean(node.Link)));
        group.SetAttributeValue("class", $"node {node.Class}");
        return group;
    }

    static string Curve(IReadOnlyList<(double X, double Y)> points, double margin)
    {
        var d = new StringBuilder();
        for (var i = 0; i < points.Count; i++)
        {
            var (x, y) = (points[i].X + margin, points[i].Y + margin);
            if (i == 0)
            {
                d.Append('M').Append(SvgDrawing.Number(x)).Append(' ').Append(SvgDrawing.Number(y));
                continue;
            }

            var (px, py) = (points[i - 1].X + margin, points[i - 1].Y + margin);
            var half = (y - py) / 2;
            d.Append('C').Append(SvgDrawing.Number(px)).Append(' ').Append(SvgDrawing.Number(py + half)).Append(' ')
                .Append(SvgDrawing.Number(x)).Append(' ').Append(SvgDrawing.Number(y - half)).Append(' ')
                .Append(SvgDrawing.Number(x)).Append(' ').Append(SvgDrawing.Number(y));
        }

        return d.ToString();
    }

    string Describe()
    {
        var names = Nodes.DistinctBy(n => n.Id).ToDictionary(n => n.Id, n => n.Label, StringComparer.Ordinal);
        return string.Join(" ", Nodes.DistinctBy(n => n.Id).Select(n =>
        {
            var before = Edges.Where(e => e.To == n.Id && names.ContainsKey(e.From)).Select(e => names[e.From]).Distinct(StringComparer.Ordinal).ToList();
            var detail = n.Detail.Length == 0 ? "" : $" ({n.Detail})";
            return before.Count == 0 ? $"{n.Label}{detail}." : $"{n.Label}{detail} after {string.Join(", ", before)}.";
        }));
    }
}
