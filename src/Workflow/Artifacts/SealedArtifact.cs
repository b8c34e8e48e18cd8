namespace Workflow.Artifacts;

/// <summary>A file ready to publish.</summary>
/// <param name="Hash">SHA-256.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Staged">Where it lies durable; null where the store has it already.</param>
public sealed record SealedFile(string Hash, long Size, string? Staged);

/// <summary>An output slot, hashed and durable, with its manifest.</summary>
/// <param name="Slot">Output slot.</param>
/// <param name="Id">Artifact id: hash of the manifest.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Logical">Its logical hash.</param>
/// <param name="Files">Its members and the manifest itself.</param>
public sealed record SealedArtifact(string Slot, string Id, Manifest Manifest, string Logical, IReadOnlyList<SealedFile> Files);
