namespace DataPrep.Mining;

/// <summary>What a partition mined: negatives by pair in the order of the pairs, best rank first, and what happened to the candidates.</summary>
public sealed record MiningResult(IReadOnlyList<Negative> Negatives, MiningCounters Counters);
