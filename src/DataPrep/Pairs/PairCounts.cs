namespace DataPrep.Pairs;

/// <summary>Counts of a pair generation.</summary>
/// <param name="TrainPairs">Training pairs.</param>
/// <param name="DevQueries">Dev queries.</param>
/// <param name="TestQueries">Test queries.</param>
/// <param name="DevAsked">Dev queries the options ask for; more than <paramref name="DevQueries"/> where the corpus has not enough.</param>
/// <param name="TestAsked">Test queries the options ask for.</param>
/// <param name="KeptOut">Documents of training groups that no training pair was made of, because a dev or test query has them, or their content, among its own.</param>
public sealed record PairCounts(long TrainPairs, int DevQueries, int TestQueries, int DevAsked, int TestAsked, int KeptOut);
