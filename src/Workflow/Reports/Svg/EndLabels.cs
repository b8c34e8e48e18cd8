namespace Workflow.Reports.Svg;

/// <summary>Names at the right ends of lines, moved apart so that none lies on another.</summary>
static class EndLabels
{
    const double Apart = 16;

    /// <summary>Longest name written out, in characters.</summary>
    public const int Longest = 16;

    /// <summary>Writes names beside a frame.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="frame">The plot.</param>
    /// <param name="ends">Name, colour class and height of each line's end.</param>
    public static void Draw(SvgDrawing svg, ChartFrame frame, IEnumerable<(string Name, string Colour, double Y)> ends)
    {
        var ordered = ends.OrderBy(e => e.Y).ToList();
        var next = frame.Top;
        var positions = new double[ordered.Count];
        for (var i = 0; i < ordered.Count; i++)
        {
            positions[i] = Math.Max(ordered[i].Y, next);
            next = positions[i] + Apart;
        }

        var over = Math.Max(0, next - Apart - frame.Bottom);
        for (var i = ordered.Count - 1; i >= 0 && over > 0; i--)
        {
            positions[i] = Math.Min(positions[i], frame.Bottom - ((ordered.Count - 1 - i) * Apart));
        }

        for (var i = 0; i < ordered.Count; i++)
        {
            svg.Text(frame.Right + 9, positions[i] + 4, SvgDrawing.Cut(ordered[i].Name, Longest), $"name {ordered[i].Colour}");
        }
    }
}
