using DataPrep.Tables;

namespace DataPrep.Cleaning;

/// <summary>What <see cref="IngestGather"/> wrote.</summary>
/// <param name="Documents">Documents, part-00000.parquet on.</param>
/// <param name="Rejects">Rejects: unreadable rows in corpus order, then repeated ids and dropped duplicates in corpus order.</param>
/// <param name="Duplicates">Documents with the same content, cluster by cluster in order of their first document.</param>
public sealed record GatherFiles(IReadOnlyList<TableFile> Documents, IReadOnlyList<TableFile> Rejects, IReadOnlyList<TableFile> Duplicates);
