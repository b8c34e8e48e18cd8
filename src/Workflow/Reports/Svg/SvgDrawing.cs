using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Workflow.Reports.Svg;

/// <summary>
/// A scalable picture under construction. Colours and fonts come from classes (<c>charts.css</c>), never from style attributes, so that it follows light and dark pages
/// and passes a content security policy without inline styles. Equal calls give equal bytes.
/// </summary>
public sealed class SvgDrawing
{
    /// <summary>The SVG namespace.</summary>
    public static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    /// <summary>Starts a picture.</summary>
    /// <param name="id">Stem of the ids inside, unique on its page.</param>
    /// <param name="width">Width in user units: CSS pixels at natural size.</param>
    /// <param name="height">Height in user units.</param>
    /// <param name="title">Accessible name.</param>
    /// <param name="description">What the picture shows, for those who cannot see it.</param>
    /// <param name="role">"img" for a picture read as one; "group" where links inside must stay reachable.</param>
    public SvgDrawing(string id, double width, double height, string title, string description, string role = "img")
    {
        Root = new XElement(Namespace + "svg",
            new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            new XAttribute("width", Number(width)),
            new XAttribute("height", Number(height)),
            new XAttribute("role", role),
            new XAttribute("aria-labelledby", $"{id}-t {id}-d"),
            new XAttribute("class", "chart"),
            new XElement(Namespace + "title", new XAttribute("id", $"{id}-t"), Clean(title)),
            new XElement(Namespace + "desc", new XAttribute("id", $"{id}-d"), Clean(description)));
        Current = Root;
    }

    /// <summary>The svg element.</summary>
    public XElement Root { get; }

    /// <summary>The element that the drawing calls add to.</summary>
    public XElement Current { get; private set; }

    /// <summary>Draws inside a group (or a link) until <paramref name="draw"/> returns.</summary>
    public void Inside(XElement group, Action draw)
    {
        var before = Current;
        before.Add(group);
        Current = group;
        draw();
        Current = before;
    }

    /// <summary>A group element of a class, for <see cref="Inside"/>.</summary>
    public static XElement Group(string cls) => new(Namespace + "g", new XAttribute("class", cls));

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string cls) => Add("line", cls, ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)));

    /// <summary>A path.</summary>
    /// <param name="d">Path data.</param>
    /// <param name="cls">Class.</param>
    public void Path(string d, string cls) => Add("path", cls, ("d", d));

    /// <summary>A rectangle with an optional corner radius and an optional tooltip.</summary>
    public void Rect(double x, double y, double width, double height, string cls, double radius = 0, string? tip = null) =>
        Tip(Add("rect", cls, ("x", Number(x)), ("y", Number(y)), ("width", Number(Math.Max(0, width))), ("height", Number(Math.Max(0, height))), ("rx", Number(radius))), tip);

    /// <summary>A circle with an optional tooltip.</summary>
    public void Circle(double x, double y, double radius, string cls, string? tip = null) =>
        Tip(Add("circle", cls, ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius))), tip);

    /// <summary>A line of text; <paramref name="anchor"/> is start, middle or end.</summary>
    public void Text(double x, double y, string text, string cls, string anchor = "start")
    {
        var element = Add("text", cls, ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor));
        element.Add(Clean(text));
    }

    /// <summary>The picture as markup for an HTML page.</summary>
    public override string ToString() => Root.ToString(SaveOptions.DisableFormatting);

    /// <summary>A coordinate with at most two decimals, invariant.</summary>
    public static string Number(double value)
    {
        var rounded = Math.Round(value, 2, MidpointRounding.AwayFromZero);
        return (rounded == 0 ? 0 : rounded).ToString("0.##");
    }

    /// <summary>Text that XML can hold: characters outside XML 1.0 become U+FFFD.</summary>
    public static string Clean(string text)
    {
        StringBuilder? clean = null;
        for (var i = 0; i < text.Length; i++)
        {
            var pair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (!pair && !XmlConvert.IsXmlChar(text[i]))
            {
                clean ??= new StringBuilder(text, 0, i, text.Length);
                clean.Append('\uFFFD');
                continue;
            }

            clean?.Append(text, i, pair ? 2 : 1);
            i += pair ? 1 : 0;
        }

        return clean?.ToString() ?? text;
    }

    /// <summary>Text cut to a number of characters, with an ellipsis.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, Math.Max(1, length - 1)).TrimEnd(), "…");

    XElement Add(string name, string cls, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var element = new XElement(Namespace + name, new XAttribute("class", cls));
        foreach (var (key, value) in attributes)
        {
            element.SetAttributeValue(key, value);
        }

        Current.Add(element);
        return element;
    }

    static void Tip(XElement element, string? tip)
    {
        if (tip is not null)
        {
            element.Add(new XElement(Namespace + "title", Clean(tip)));
        }
    }
}
