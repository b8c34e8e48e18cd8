namespace Workflow.Artifacts;

/// <summary>What garbage collection did, or would do.</summary>
/// <param name="DryRun">Whether it only looked.</param>
/// <param name="Doomed">Blobs newly found unreachable: they go once their grace is over.</param>
/// <param name="DoomedBytes">Their bytes.</param>
/// <param name="Deleted">Blobs removed.</param>
/// <param name="DeletedBytes">Their bytes.</param>
/// <param name="Strays">Files in the store without a row, removed.</param>
/// <param name="Staging">Abandoned staging folders, removed.</param>
/// <param name="Kept">Blobs kept.</param>
public sealed record GcReport(bool DryRun, int Doomed, long DoomedBytes, int Deleted, long DeletedBytes, int Strays, int Staging, int Kept);
