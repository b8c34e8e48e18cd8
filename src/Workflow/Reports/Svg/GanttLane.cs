namespace Workflow.Reports.Svg;

/// <summary>A stretch of work.</summary>
/// <param name="From">Start, in seconds from the left edge.</param>
/// <param name="To">End.</param>
/// <param name="Look">good, bad, busy, warn or idle.</param>
/// <param name="Tip">What it is, in words.</param>
/// <param name="Group">Stretches of one group follow each other; the time between them is drawn as a wait.</param>
public sealed record GanttBar(double From, double To, string Look, string Tip, string Group);

/// <summary>How many stretches of work there are from a second on.</summary>
/// <param name="At">The second.</param>
/// <param name="Most">The most at a time until the next pulse.</param>
/// <param name="After">How many go on at its end.</param>
/// <param name="Failed">How many of those that ended failed.</param>
public sealed record GanttPulse(double At, long Most, long After, long Failed);

/// <summary>A lane: a stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Detail">Its state, in words.</param>
/// <param name="Link">Local address it leads to; null for none.</param>
/// <param name="Look">good, bad, busy, warn or idle.</param>
public sealed record GanttLane(string Name, string Detail, string? Link, string Look)
{
    /// <summary>Second from which it only waited for its turn; null where it still waits for others.</summary>
    public double? Ready { get; init; }

    /// <summary>Second at which an earlier result was taken; null where none was.</summary>
    public double? Reused { get; init; }

    /// <summary>Its stretches of work, by start.</summary>
    public IReadOnlyList<GanttBar> Bars { get; init; } = [];

    /// <summary>Where there are too many for bars: how many at a time, by second.</summary>
    public IReadOnlyList<GanttPulse> Pulses { get; init; } = [];
}
