using DataPrep.Tables;

namespace DataPrep.Cleaning;

/// <summary>What a partition of an ingest wrote.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Rejects">Rejects.</param>
public sealed record IngestFiles(IReadOnlyList<TableFile> Documents, IReadOnlyList<TableFile> Rejects);
