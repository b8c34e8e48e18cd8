namespace Workflow.Reports.Svg;

/// <summary>A line of a panel.</summary>
/// <param name="Name">Written at its right end; empty for a line that another one names.</param>
/// <param name="Points">Points in ascending order of step.</param>
/// <param name="Colour">Colour class, s1 to s6.</param>
/// <param name="Faint">Drawn thin and pale, behind: the raw values of a smoothed line.</param>
public sealed record TimelineLine(string Name, IReadOnlyList<(double Step, double Value)> Points, string Colour, bool Faint = false)
{
    /// <summary>Whether each point is marked: evaluations are few, and what lies between them is not known.</summary>
    public bool Dots { get; init; }
}

/// <summary>Curves of one unit.</summary>
/// <param name="Title">What and in which unit.</param>
/// <param name="Lines">Lines.</param>
public sealed record TimelinePanel(string Title, IReadOnlyList<TimelineLine> Lines)
{
    /// <summary>Height of the plot.</summary>
    public double Height { get; init; } = 130;

    /// <summary>Powers of ten instead of equal steps.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>A point to ring, and what to write beside it.</summary>
    public (double Step, double Value, string Text)? Ringed { get; init; }

    /// <summary>What to write where warm-up ends; empty for nothing.</summary>
    public string WarmupText { get; init; } = "";
}
