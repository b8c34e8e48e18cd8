using System.Text;
using System.Xml.Linq;

namespace Workflow.Reports.Svg;

/// <summary>Stages over time, a lane each: waits, attempts, what was reused; a stage of very many partitions as a band as high as many of them ran at a time. Lanes may be links.</summary>
/// <param name="Id">Stem of ids.</param>
/// <param name="Title">Accessible name.</param>
/// <param name="Lanes">Lanes from top to bottom.</param>
/// <param name="Seconds">Seconds that the picture spans.</param>
public sealed record GanttChart(string Id, string Title, IReadOnlyList<GanttLane> Lanes, double Seconds)
{
    const double Bar = 15, Gap = 11, Axis = 24;
    const int MostRows = 6;
    static readonly double[] Steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 2592000];

    /// <summary>Width in user units; below 600 names stand above their lanes.</summary>
    public double Width { get; init; } = 900;

    /// <summary>Whether the right edge is now.</summary>
    public bool Live { get; init; }

    bool Narrow => Width < 600;

    /// <summary>The picture as SVG.</summary>
    public override string ToString()
    {
        var left = Narrow ? 4 : 150;
        var right = Width - 12;
        var head = Narrow ? 20 : 0;
        var rows = Lanes.Select(Rows).ToList();
        var heights = rows.Select(r => Math.Max(Bar, r.Count * 7.0)).ToList();
        var height = heights.Sum(h => h + Gap + head) + Axis + 8;
        var svg = new SvgDrawing(Id, Width, Math.Max(60, height), Title, Describe(), Lanes.Any(l => l.Link is not null) ? "group" : "img");
        if (Lanes.Count == 0)
        {
            svg.Text(Width / 2, 34, "No stages", "empty", "middle");
            return svg.ToString();
        }

        var bottom = height - Axis;
        double X(double second) => left + (Math.Clamp(second / Seconds, 0, 1) * (right - left));
        var step = Steps.FirstOrDefault(s => Seconds / s <= (Narrow ? 4 : 8), Steps[^1]);
        for (var tick = 0; tick * step <= Seconds * 1.0001; tick++)
        {
            var at = X(tick * step);
            svg.Line(at, 2, at, bottom, "grid");
            svg.Text(at, bottom + 16, tick == 0 ? "0" : Label(tick * step), "tick", tick == 0 ? "start" : at > right - 24 ? "end" : "middle");
        }

        if (Live)
        {
            svg.Line(right, 2, right, bottom, "now");
        }

        var y = 6.0;
        for (var i = 0; i < Lanes.Count; i++)
        {
            var (lane, top) = (Lanes[i], y + head);
            svg.Inside(Wrap(lane, $"{Id}-lane{i}"), () =>
            {
                svg.Rect(0, y - 3, Width, heights[i] + head + 6, "lane", 4, $"{lane.Name}: {lane.Detail}");
                svg.Text(Narrow ? left : left - 10, Narrow ? y + 12 : top + (heights[i] / 2) + 4.5, SvgDrawing.Cut(lane.Name, Narrow ? 44 : 19), "label", Narrow ? "start" : "end");
                Draw(svg, lane, rows[i], X, top, heights[i]);
            });
            y = top + heights[i] + Gap;
        }

        return svg.ToString();
    }

    static XElement Wrap(GanttLane lane, string id)
    {
        var group = lane.Link is null ? SvgDrawing.Group("") : new XElement(SvgDrawing.Namespace + "a", new XAttribute("href", SvgDrawing.Clean(lane.Link)));
        group.SetAttributeValue("class", $"row {lane.Look}");

        // A live page puts the new picture into the old one: by its id a lane stays the one that has the focus.
        group.SetAttributeValue("id", id);
        return group;
    }

    static void Draw(SvgDrawing svg, GanttLane lane, List<List<GanttBar>> rows, Func<double, double> x, double top, double height)
    {
        var began = lane.Bars.Count > 0 ? lane.Bars[0].From : lane.Pulses.Count > 0 ? lane.Pulses[0].At : lane.Reused;
        var middle = top + (height / 2);
        if (lane.Ready is { } ready && began is { } from && x(from) - x(ready) > 1)
        {
            svg.Line(x(ready), middle, x(from), middle, "wait");
        }

        var thick = (height - ((rows.Count - 1) * 1.5)) / Math.Max(1, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var at = top + (i * (thick + 1.5));
            GanttBar? before = null;
            foreach (var bar in rows[i])
            {
                if (before is not null && before.Group == bar.Group && x(bar.From) - x(before.To) > 1)
                {
                    svg.Line(x(before.To), at + (thick / 2), x(bar.From), at + (thick / 2), "wait retry");
                }

                svg.Rect(x(bar.From), at, Math.Max(2, x(bar.To) - x(bar.From)), thick, $"bar {bar.Look}", Math.Min(3, thick / 3), bar.Tip);
                before = bar;
            }
        }

        if (lane.Reused is { } reused)
        {
            var at = x(reused);
            svg.Path($"M{SvgDrawing.Number(at)} {SvgDrawing.Number(middle - 6)}l6 6l-6 6l-6 -6Z", "reuse");
            svg.Text(at + 11, middle + 4, "reused", "tick");
        }

        Band(svg, lane, x, top, height);
    }

    static void Band(SvgDrawing svg, GanttLane lane, Func<double, double> x, double top, double height)
    {
        if (lane.Pulses.Count == 0)
        {
            return;
        }

        var most = Math.Max(1, lane.Pulses.Max(p => p.Most));
        var bottom = top + height;
        double Y(long running) => bottom - (running / (double)most * (height - 1));
        var d = new StringBuilder($"M{SvgDrawing.Number(x(lane.Pulses[0].At))} {SvgDrawing.Number(bottom)}");
        for (var i = 0; i < lane.Pulses.Count; i++)
        {
            var (at, next) = (x(lane.Pulses[i].At), i + 1 < lane.Pulses.Count ? x(lane.Pulses[i + 1].At) : lane.Pulses[i].After > 0 ? x(double.MaxValue) : x(lane.Pulses[i].At) + 3);
            var peak = Math.Min(next, at + 3);
            d.Append($"L{SvgDrawing.Number(at)} {SvgDrawing.Number(Y(lane.Pulses[i].Most))}L{SvgDrawing.Number(peak)} {SvgDrawing.Number(Y(lane.Pulses[i].Most))}")
                .Append($"L{SvgDrawing.Number(peak)} {SvgDrawing.Number(Y(lane.Pulses[i].After))}L{SvgDrawing.Number(next)} {SvgDrawing.Number(Y(lane.Pulses[i].After))}");
            if (lane.Pulses[i].Failed > 0)
            {
                svg.Rect(at, bottom + 1, 3, 4, "bar bad", 0, $"{lane.Pulses[i].Failed:#,0} failed");
            }
        }

        svg.Path(d.Append($"V{SvgDrawing.Number(bottom)}Z").ToString(), "density");
        svg.Text(x(lane.Pulses[0].At) + 5, top + 11, $"up to {most:#,0} at once", "halo tick");
    }

    // Work that overlaps goes into rows of its own; one group keeps its row, so that its waits can be drawn.
    static List<List<GanttBar>> Rows(GanttLane lane)
    {
        var rows = new List<List<GanttBar>>();
        foreach (var bar in lane.Bars)
        {
            var row = rows.FirstOrDefault(r => r[^1].Group == bar.Group && r[^1].To <= bar.From + 1e-6) ?? rows.FirstOrDefault(r => r[^1].To <= bar.From + 1e-6);
            if (row is null && rows.Count < MostRows)
            {
                rows.Add(row = []);
            }

            (row ?? rows.MinBy(r => r[^1].To)!).Add(bar);
        }

        return rows;
    }

    static string Label(double seconds) => seconds switch
    {
        < 60 => $"{seconds:0.#} s",
        < 3600 => $"{seconds / 60:0.#} min",
        < 172800 => $"{seconds / 3600:0.#} h",
        _ => $"{seconds / 86400:0.#} d",
    };

    string Describe() => string.Join(" ", Lanes.Select(l => $"{l.Name}: {l.Detail}" + (l.Reused is not null ? ", an earlier result was taken." : l.Bars.Count > 0
        ? $", {(l.Bars.Count == 1 ? "one attempt" : $"{l.Bars.Count} attempts")} from {Label(l.Bars.Min(b => b.From))} to {Label(l.Bars.Max(b => b.To))}."
        : l.Pulses.Count > 0 ? $", up to {l.Pulses.Max(p => p.Most):#,0} attempts at once from {Label(l.Pulses[0].At)} on." : ".")));
}
