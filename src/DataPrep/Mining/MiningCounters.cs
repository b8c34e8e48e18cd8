namespace DataPrep.Mining;

/// <summary>What happened to the candidates. Counts of partitions add up.</summary>
public sealed record MiningCounters
{
    /// <summary>Queries asked.</summary>
    public long Queries { get; init; }

    /// <summary>Pairs mined for; a query with several positives has several.</summary>
    public long Pairs { get; init; }

    /// <summary>Pairs with fewer negatives than asked for.</summary>
    public long PairsTooFew { get; init; }

    /// <summary>Pairs without any.</summary>
    public long PairsWithout { get; init; }

    /// <summary>Candidates looked at, pair by pair.</summary>
    public long Candidates { get; init; }

    /// <summary>Candidates that are relevant: positives of the query, same title, same content.</summary>
    public long Relevant { get; init; }

    /// <summary>Candidates above <see cref="MiningOptions.MaxScore"/>.</summary>
    public long AboveMaxScore { get; init; }

    /// <summary>Candidates below <see cref="MiningOptions.MinScore"/>.</summary>
    public long BelowMinScore { get; init; }

    /// <summary>Candidates that <see cref="MiningOptions.AbsoluteMargin"/> dropped.</summary>
    public long InAbsoluteMargin { get; init; }

    /// <summary>Candidates that <see cref="MiningOptions.RelativeMargin"/> dropped.</summary>
    public long InRelativeMargin { get; init; }

    /// <summary>Negatives written.</summary>
    public long Negatives { get; init; }

    /// <summary>Sum of two partitions.</summary>
    public static MiningCounters operator +(MiningCounters left, MiningCounters right) => new()
    {
        Queries = left.Queries + right.Queries,
        Pairs = left.Pairs + right.Pairs,
        PairsTooFew = left.PairsTooFew + right.PairsTooFew,
        PairsWithout = left.PairsWithout + right.PairsWithout,
        Candidates = left.Candidates + right.Candidates,
        Relevant = left.Relevant + right.Relevant,
        AboveMaxScore = left.AboveMaxScore + right.AboveMaxScore,
        BelowMinScore = left.BelowMinScore + right.BelowMinScore,
        InAbsoluteMargin = left.InAbsoluteMargin + right.InAbsoluteMargin,
        InRelativeMargin = left.InRelativeMargin + right.InRelativeMargin,
        Negatives = left.Negatives + right.Negatives,
    };

    /// <summary>Sum of two partitions, for languages without operators.</summary>
    public static MiningCounters Add(MiningCounters left, MiningCounters right) => left + right;
}
