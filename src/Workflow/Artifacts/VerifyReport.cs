namespace Workflow.Artifacts;

/// <summary>A published file that is not what its name says.</summary>
/// <param name="Hash">Its blob.</param>
/// <param name="Problem">missing or damaged.</param>
/// <param name="RunId">A run that published it, or null.</param>
/// <param name="NodeId">The node, or null.</param>
/// <param name="File">Its name in the artifact, or null.</param>
/// <param name="Quarantine">Where it lies now, where it was taken out.</param>
public sealed record BlobProblem(string Hash, string Problem, string? RunId, string? NodeId, string? File, string? Quarantine);

/// <summary>What a verification found.</summary>
/// <param name="Blobs">Blobs re-hashed.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Problems">Missing and damaged files.</param>
/// <param name="Strays">Files in the store that no row names (left by a crash before its commit; harmless, <c>gc</c> removes them).</param>
public sealed record VerifyReport(long Blobs, long Bytes, IReadOnlyList<BlobProblem> Problems, IReadOnlyList<string> Strays)
{
    /// <summary>Whether everything committed is whole.</summary>
    public bool Clean => Problems.Count == 0;
}
