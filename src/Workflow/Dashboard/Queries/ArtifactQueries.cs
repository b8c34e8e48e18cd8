using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.Queries;

/// <summary>An attempt that published or read an artifact.</summary>
public sealed record UseRow(string RunId, string Job, string NodeId, string Slot, string State, DateTimeOffset Started);

/// <summary>All that the page of an artifact shows.</summary>
public sealed record ArtifactPageModel(ArtifactRow Artifact, long Format, DateTimeOffset Created, IReadOnlyList<ManifestMember> Members, IReadOnlyList<(string Key, string Value)> Meta,
    IReadOnlyList<UseRow> Producers, IReadOnlyList<UseRow> Consumers);

/// <summary>Reads for the page of an artifact.</summary>
static class ArtifactQueries
{
    const int Most = 200;

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

    static List<UseRow> Uses(LedgerConnection db, string id, string direction) => db.Query("""
        SELECT t.run_id, r.pipeline, t.node_id, e.slot, t.state, t.started_us FROM edge e JOIN attempt t USING(attempt_id) JOIN run r USING(run_id)
        WHERE e.artifact_id=?1 AND e.dir=?2 ORDER BY t.started_us DESC LIMIT ?3
        """, r => new UseRow(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), LedgerTime.FromMicros(r.Number(5))), id, direction, Most);

    static List<(string, string)> Meta(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind != JsonValueKind.Object ? [] : document.RootElement.EnumerateObject()
            .Select(p => (p.Name, p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
    }
}
