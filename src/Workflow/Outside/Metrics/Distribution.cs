namespace Workflow.Outside.Metrics;

/// <summary>Counts of values by upper bounds, their sum and number.</summary>
/// <param name="bounds">Upper bounds, inclusive, ascending; a last bucket beyond them is understood.</param>
sealed class Distribution(IReadOnlyList<double> bounds)
{
    /// <summary>Seconds, from stages that end at once to trainings of a day.</summary>
    public static IReadOnlyList<double> Seconds { get; } = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 43200, 86400];

    readonly long[] counts = new long[bounds.Count + 1];

    /// <summary>Upper bounds.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Values in each bucket alone, the one beyond the last bound at the end.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>Values.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum.</summary>
    public double Sum { get; private set; }

    /// <summary>Counts a value.</summary>
    public void Add(double value)
    {
        var at = 0;
        while (at < bounds.Count && value > bounds[at])
        {
            at++;
        }

        counts[at]++;
        Count++;
        Sum += value;
    }
}
