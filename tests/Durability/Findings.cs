namespace Durability;

/// <summary>What one schedule, or many, showed.</summary>
public sealed class Findings
{
    readonly SortedDictionary<string, (long Hit, long Of)> shares = new(StringComparer.Ordinal);

    /// <summary>What should not be; none where the promise held.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>From the fault to the progress after it, or what the scenario says it measures.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Nodes of the runs that were judged.</summary>
    public long Nodes { get; set; }

    /// <summary>Attempts beyond one for each node that had any: work that was done again.</summary>
    public long Redone { get; set; }

    /// <summary>What somebody had to do by hand: resume, free space, mend a row.</summary>
    public long Actions { get; set; }

    /// <summary>What was counted of how many, by what it is.</summary>
    public IReadOnlyDictionary<string, (long Hit, long Of)> Shares => shares;

    /// <summary>Says that something that should be is, or is not; where it is not, that is a violation.</summary>
    public void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            Violations.Add(otherwise);
        }
    }

    /// <summary>Counts one that should be a hit.</summary>
    /// <param name="what">What is counted.</param>
    /// <param name="hit">Whether it was one; where not, that is a violation.</param>
    /// <param name="otherwise">What to say where it was none.</param>
    public void Count(string what, bool hit, string otherwise = "")
    {
        var (hits, of) = shares.GetValueOrDefault(what);
        shares[what] = (hits + (hit ? 1 : 0), of + 1);
        Expect(hit, $"not counted among the {what}{(otherwise.Length > 0 ? ": " : "")}{otherwise}");
    }

    /// <summary>Adds what another schedule showed.</summary>
    public void Add(Findings other)
    {
        Violations.AddRange(other.Violations);
        Waits.AddRange(other.Waits);
        Nodes += other.Nodes;
        Redone += other.Redone;
        Actions += other.Actions;
        foreach (var (what, (hit, of)) in other.shares)
        {
            var (hits, all) = shares.GetValueOrDefault(what);
            shares[what] = (hits + hit, all + of);
        }
    }
}
