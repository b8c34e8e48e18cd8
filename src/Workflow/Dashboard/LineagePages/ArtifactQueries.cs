using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.LineagePages;

/// <summary>An attempt that published or read an artifact.</summary>
public sealed record UseRow(string RunId, string Job, string NodeId, string Slot, string State, DateTimeOffset Started)
{
    /// <summary>The attempt.</summary>
    public string AttemptId { get; init; } = "";
}

/// <summary>All that the page of an artifact shows.</summary>
public sealed record ArtifactPageModel(ArtifactRow Artifact, long Format, DateTimeOffset Created, IReadOnlyList<ManifestMember> Members, IReadOnlyList<(string Key, string Value)> Meta,
    IReadOnlyList<UseRow> Producers, IReadOnlyList<UseRow> Consumers)
{
    /// <summary>Ordinal of the first file listed.</summary>
    public long From { get; init; }

    /// <summary>Data sets of which it is a version.</summary>
    public IReadOnlyList<string> DataSets { get; init; } = [];

    /// <summary>Why it is pinned, by whom and until when; null where it is not.</summary>
    public string? Pin { get; init; }
}

/// <summary>Reads for the page of an artifact.</summary>
static class ArtifactQueries
{
    const int Most = 200;

    /// <summary>Attempts shown on the page itself.</summary>
    public const int Shown = 20;

    /// <summary>The artifact, or null.</summary>
    public static ArtifactPageModel? Artifact(LedgerConnection db, string id) => db.First("""
        SELECT a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id), a.format, a.created_us, a.meta_json
        FROM artifact a WHERE a.artifact_id=?1
        """, r => new ArtifactPageModel(RunQueries.Artifact(r, 0), r.Number(6), LedgerTime.FromMicros(r.Number(7)), Members(db, id), Meta(r.Text(8)), Uses(db, id, "out"), Uses(db, id, "in")), id);

    /// <summary>The full id of the one artifact whose id starts so; null for none or several.</summary>
    public static string? Resolve(LedgerConnection db, string start) =>
        db.Query("SELECT artifact_id FROM artifact WHERE artifact_id>=?1 AND artifact_id<?1||'g' LIMIT 2", r => r.Text(0), start) is [var one] ? one : null;

    /// <summary>A file of an artifact, or null.</summary>
    public static ManifestMember? Member(LedgerConnection db, string id, string name) => Members(db, id, name).Find(m => m.Name == name);

    static List<ManifestMember> Members(LedgerConnection db, string id, string? name = null) => db.Query("""
        SELECT name, blob_hash, size, rows, logical_hash FROM artifact_member WHERE artifact_id=?1 AND (?2 IS NULL OR name=?2) ORDER BY ordinal LIMIT ?3
        """, r => new ManifestMember(r.Text(0), r.Text(1), r.Number(2), r.NumberOrNull(3), r.Text(4)), id, name, Most);

    // In the order of the index, which is that of the attempts' start: an artifact may be read by 100,000 partitions.
    static List<UseRow> Uses(LedgerConnection db, string id, string direction) => Uses(db, id, direction, null, Shown);

    /// <summary>Attempts that published (out) or read (in) an artifact, newest first, behind one.</summary>
    public static List<UseRow> Uses(LedgerConnection db, string id, string direction, string? after, int size) => db.Query("""
        SELECT t.run_id, r.pipeline, t.node_id, e.slot, t.state, t.started_us, e.attempt_id FROM edge e CROSS JOIN attempt t ON t.attempt_id=e.attempt_id CROSS JOIN run r ON r.run_id=t.run_id
        WHERE e.artifact_id=?1 AND e.dir=?2 AND e.attempt_id<?3 ORDER BY e.attempt_id DESC LIMIT ?4
        """, r => new UseRow(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), LedgerTime.FromMicros(r.Number(5))) { AttemptId = r.Text(6) }, id, direction, after ?? "\u007f", size);

    static List<(string, string)> Meta(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind != JsonValueKind.Object ? [] : document.RootElement.EnumerateObject()
            .Select(p => (p.Name, p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
    }
}
