using DataPrep.Tables;

namespace DataPrep.Pairs;

/// <summary>What pair generation wrote.</summary>
/// <param name="Pairs">Pairs, part-00000.parquet on.</param>
/// <param name="Counts">How many of what.</param>
public sealed record PairFiles(IReadOnlyList<TableFile> Pairs, PairCounts Counts);
