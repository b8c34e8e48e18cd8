namespace Workflow.Reports.Svg;

/// <summary>A stretch of steps with a name: a phase.</summary>
public sealed record StepBand(double From, double To, string Name);

/// <summary>A numbered flag at a step: an alarm, told in words below the picture.</summary>
public sealed record StepFlag(int Number, double Step, string Name);

/// <summary>What pictures over steps have in common behind and above their curves.</summary>
public sealed record StepMarks
{
    const double Row = 20;

    /// <summary>Phases.</summary>
    public IReadOnlyList<StepBand> Phases { get; init; } = [];

    /// <summary>Ends of warm-ups.</summary>
    public IReadOnlyList<double> WarmupEnds { get; init; } = [];

    /// <summary>Alarms.</summary>
    public IReadOnlyList<StepFlag> Flags { get; init; } = [];

    /// <summary>Step of the best evaluation; null where there is none.</summary>
    public double? Best { get; init; }

    /// <summary>Steps of checkpoints.</summary>
    public IReadOnlyList<double> Checkpoints { get; init; } = [];

    /// <summary>Steps from which a training was taken up again.</summary>
    public IReadOnlyList<double> Resumes { get; init; } = [];

    /// <summary>The same without flags: for small pictures, whose readers have seen them above.</summary>
    public StepMarks Plain => this with { Flags = [], Checkpoints = [] };

    /// <summary>Height that the strip of phases and the rows of flags take above the first plot.</summary>
    public double Above(LinearScale x) => (Phases.Count > 0 ? Row : 0) + (Rows(x).Select(r => r + 1).DefaultIfEmpty(0).Max() * Row);

    /// <summary>Draws phases as bands with their names above, before anything else is drawn.</summary>
    public void Behind(SvgDrawing svg, LinearScale x, double top, double bottom)
    {
        for (var i = 0; i < Phases.Count; i++)
        {
            var (left, right) = (x[Phases[i].From], x[Phases[i].To]);
            svg.Rect(left, top, right - left, bottom - top, i % 2 == 0 ? "band" : "band other", 3, Phases[i].Name);
            var fits = (int)((right - left - 8) / 6.6);
            if (fits >= 3)
            {
                svg.Text(left + 6, top + 14, SvgDrawing.Cut(Phases[i].Name, fits), "band-name");
            }
        }
    }

    /// <summary>Draws the lines that cross every plot, and the flags in their rows. Between plots the lines are broken: titles stand there.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="x">The scale of steps.</param>
    /// <param name="top">Top of the strip of phases.</param>
    /// <param name="plots">Top and bottom of each plot.</param>
    public void Across(SvgDrawing svg, LinearScale x, double top, IReadOnlyList<(double Top, double Bottom)> plots)
    {
        foreach (var (from, to) in plots)
        {
            foreach (var end in WarmupEnds)
            {
                svg.Line(x[end], from, x[end], to, "warmup");
            }

            foreach (var resume in Resumes)
            {
                svg.Line(x[resume], from, x[resume], to, "resume");
            }

            foreach (var flag in Flags)
            {
                svg.Line(x[flag.Step], from, x[flag.Step], to, "alarm");
            }
        }

        var rows = Rows(x);
        var first = top + (Phases.Count > 0 ? Row : 0) + (Row / 2);
        for (var i = 0; i < Flags.Count; i++)
        {
            var y = first + (rows[i] * Row);
            svg.Line(x[Flags[i].Step], y, x[Flags[i].Step], plots[0].Top, "alarm");
        }

        for (var i = 0; i < Flags.Count; i++)
        {
            var y = first + (rows[i] * Row);
            svg.Circle(x[Flags[i].Step], y, 8.5, "flag", $"{Flags[i].Name} at step {Flags[i].Step:#,0}");
            svg.Text(x[Flags[i].Step], y + 4, Flags[i].Number.ToString(), "flag-number", "middle");
        }

        foreach (var checkpoint in Checkpoints)
        {
            var at = x[checkpoint];
            svg.Path($"M{SvgDrawing.Number(at)} {SvgDrawing.Number(plots[^1].Bottom)}l-4 -7h8Z", "checkpoint");
        }
    }

    /// <summary>The marks in words.</summary>
    public string Describe() => string.Join(" ", Phases.Select(p => $"Phase {p.Name}: steps {p.From:0} to {p.To:0}.")
        .Concat(WarmupEnds.Select(w => $"Warm-up ends at step {w:0}.")).Concat(Best is { } best ? [$"Best evaluation at step {best:0}."] : [])
        .Concat(Flags.Select(f => $"Alarm {f.Number}, {f.Name}, at step {f.Step:0}.")).Concat(Resumes.Select(r => $"Taken up again from step {r:0}.")).Concat(Checkpoints.Count > 0 ? [$"{Checkpoints.Count} checkpoints."] : []));

    // Flags that would lie on each other go into rows of their own.
    int[] Rows(LinearScale x)
    {
        var rows = new int[Flags.Count];
        for (var i = 0; i < Flags.Count; i++)
        {
            while (Enumerable.Range(0, i).Any(j => rows[j] == rows[i] && Math.Abs(x[Flags[j].Step] - x[Flags[i].Step]) < Row))
            {
                rows[i]++;
            }
        }

        return rows;
    }
}
