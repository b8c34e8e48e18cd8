using System.Text.Json.Serialization;

namespace Workflow.Artifacts;

/// <summary>One file of an artifact.</summary>
/// <param name="Name">Relative name with forward slashes, unique in the artifact: "part-00000.parquet", "1_Pooling/config.json".</param>
/// <param name="Hash">Lower-case hex SHA-256 of the bytes: its name in the content-addressed store.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Rows">Rows for tables, else null.</param>
/// <param name="Logical">Hash of the canonical content (equal data, equal hash, whatever the codec); equals <paramref name="Hash"/> where bytes are the content.</param>
public sealed record ManifestMember(string Name, string Hash, long Size, long? Rows, string Logical);

/// <summary>
/// What an artifact is: its kind, its files in ordinal order and facts about them. The artifact's hash (as <c>show</c> prints it) is the SHA-256 of the manifest's canonical JSON,
/// itself a blob of the store; its logical hash covers kind, member names, logical hashes and <see cref="Meta"/>, and is what memo keys use.
/// </summary>
public sealed record Manifest
{
    /// <summary>"documents", "pairs", "shards", "model", ...</summary>
    public required string Kind { get; init; }

    /// <summary>Format version of this kind of artifact, from docs/artifacts.md.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Files, ordered by name (ordinal).</summary>
    public required IReadOnlyList<ManifestMember> Members { get; init; }

    /// <summary>Facts that belong to the content (vocabulary size, dimensions, digests): never a time, host, path or id of a run. Ordered by key.</summary>
    public SortedDictionary<string, string> Meta { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Sum of the members' rows.</summary>
    [JsonIgnore]
    public long Rows => Members.Sum(m => m.Rows ?? 0);
}
