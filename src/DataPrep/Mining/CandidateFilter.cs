namespace DataPrep.Mining;

/// <summary>The score filters, each counting what it dropped. A candidate is dropped by the first that objects.</summary>
sealed class CandidateFilter(MiningOptions options)
{
    long aboveMaxScore, belowMinScore, inAbsoluteMargin, inRelativeMargin;

    /// <summary>True where a candidate with this score may be a negative of a positive with that.</summary>
    public bool Admits(float score, float positive)
    {
        if (score > options.MaxScore)
        {
            aboveMaxScore++;
            return false;
        }

        if (score < options.MinScore)
        {
            belowMinScore++;
            return false;
        }

        if (score + options.AbsoluteMargin > positive)
        {
            inAbsoluteMargin++;
            return false;
        }

        // With |pos| the margin points down for negative scores too.
        if (score > positive - (Math.Abs(positive) * options.RelativeMargin))
        {
            inRelativeMargin++;
            return false;
        }

        return true;
    }

    public MiningCounters Count(MiningCounters counters) => counters with
    {
        AboveMaxScore = aboveMaxScore,
        BelowMinScore = belowMinScore,
        InAbsoluteMargin = inAbsoluteMargin,
        InRelativeMargin = inRelativeMargin,
    };
}
