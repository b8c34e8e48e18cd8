namespace DataPrep.Mining;

/// <summary>The report of a mining, all partitions together.</summary>
/// <param name="Rule">The filters in words.</param>
/// <param name="Guide">Digest of the guide.</param>
/// <param name="Positive">Scores of the positives, one per pair that has negatives.</param>
/// <param name="Negative">Scores of the negatives.</param>
/// <param name="Difference">Positive's score less negative's, per negative.</param>
/// <param name="Counters">What happened to the candidates.</param>
/// <param name="Audit">How many negatives look relevant.</param>
public sealed record MiningReport(
    string Rule, string Guide, Distribution Positive, Distribution Negative, Distribution Difference, MiningCounters Counters, FalseNegativeAudit Audit)
{
    /// <summary>Makes the report.</summary>
    /// <param name="negatives">Negatives of all partitions, in order.</param>
    /// <param name="counters">Counters of all partitions, added up.</param>
    /// <param name="corpus">The documents mined from.</param>
    /// <param name="options">The options mined with.</param>
    /// <param name="guide">Digest of the guide.</param>
    public static MiningReport Of(IReadOnlyList<Negative> negatives, MiningCounters counters, MiningCorpus corpus, MiningOptions options, string guide) => new(
        options.Rule,
        guide,
        Distribution.Of(Pairs(negatives).Select(static negative => (double)negative.PositiveScore)),
        Distribution.Of(negatives.Select(static negative => (double)negative.Score)),
        Distribution.Of(negatives.Select(static negative => (double)negative.PositiveScore - negative.Score)),
        counters,
        FalseNegativeAudit.Of(negatives, corpus));

    // The negatives of a pair stand together.
    static IEnumerable<Negative> Pairs(IReadOnlyList<Negative> negatives) =>
        negatives.Where((negative, i) => i == 0 || negatives[i - 1].QueryId != negative.QueryId || negatives[i - 1].PositiveDocId != negative.PositiveDocId);
}
