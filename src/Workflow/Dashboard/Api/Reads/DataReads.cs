using System.Text.Json;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Artifacts and data sets.</summary>
static class DataReads
{
    const int Most = 200;

    const string Columns = "SELECT a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id), a.created_us";

    /// <summary>Artifacts, newest first; of one kind where given.</summary>
    public static List<ArtifactItem> Artifacts(LedgerConnection db, string? kind, (long Created, string Hash)? after, int limit)
    {
        var behind = after is null ? "" : "AND (a.created_us < ?2 OR (a.created_us = ?2 AND a.artifact_id > ?3)) AND a.created_us<=?2";
        return db.Query($"{Columns} FROM artifact a WHERE {(kind is null ? "1" : "a.kind=?1")} {behind} ORDER BY a.created_us DESC, a.artifact_id LIMIT ?4", Item, kind, after?.Created, after?.Hash, limit);
    }

    /// <summary>What the stages of a run published, by node and slot; partitions too where asked for.</summary>
    public static List<NodeOutput> OfRun(LedgerConnection db, string run, (string Node, string Slot)? after, int limit, bool partitions) => db.Query($"""
        SELECT n.node_id, e.slot, a.artifact_id, a.kind, a.rows, a.size FROM node n
        LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
        LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
        JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
        WHERE n.run_id=?1 AND n.node_id>=?2 AND (n.node_id, e.slot)>(?2, ?3){(partitions ? "" : " AND n.kind<>'partition'")} ORDER BY n.node_id, e.slot LIMIT ?4
        """, r => new NodeOutput(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.NumberOrNull(4), r.Number(5)), run, after?.Node ?? "", after?.Slot ?? "", limit);

    /// <summary>The full id of the one artifact whose id begins so; null for none or several.</summary>
    public static string? Resolve(LedgerConnection db, string start) => db.Query("SELECT artifact_id FROM artifact WHERE artifact_id>=?1 AND artifact_id<?1||'g' LIMIT 2", r => r.Text(0), start) is [var one] ? one : null;

    /// <summary>An artifact with its files; null where there is none.</summary>
    public static ArtifactView? One(LedgerConnection db, string id) => db.First($"{Columns}, a.meta_json FROM artifact a WHERE a.artifact_id=?1",
        r => new ArtifactView(Item(r), Members(db, id), Meta(r.TextOrNull(7)), Uses(db, id, "out"), Uses(db, id, "in")), id);

    /// <summary>Data sets by name, each with its newest version.</summary>
    public static List<DatasetItem> Datasets(LedgerConnection db, string? after, int limit) => db.Query("""
        WITH RECURSIVE name(d) AS (SELECT MIN(dataset) FROM dataset_version WHERE dataset>?1 UNION ALL SELECT (SELECT MIN(dataset) FROM dataset_version WHERE dataset>name.d) FROM name WHERE name.d IS NOT NULL LIMIT ?2)
        SELECT d, (SELECT MAX(seq) FROM dataset_version WHERE dataset=d) FROM name WHERE d IS NOT NULL
        """, r => (Name: r.Text(0), Seq: r.Number(1)), after ?? "", limit + 1).Take(limit)
        .Select(d => new DatasetItem(d.Name, db.Number("SELECT COUNT(*) FROM dataset_version WHERE dataset=?1", d.Name), Versions(db, d.Name, d.Seq + 1, 1)[0])).ToList();

    /// <summary>Versions of a data set, newest first.</summary>
    public static List<VersionItem> Versions(LedgerConnection db, string dataset, long before, int limit) => db.Query("""
        SELECT v.seq, v.version, a.kind, a.rows, a.size, v.run_id, v.created_us FROM dataset_version v JOIN artifact a ON a.artifact_id=v.version WHERE v.dataset=?1 AND v.seq<?2 ORDER BY v.seq DESC LIMIT ?3
        """, r => new VersionItem(r.Number(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4), r.Text(5), LedgerTime.FromMicros(r.Number(6))), dataset, before, limit);

    static ArtifactItem Item(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4), r.Number(5), LedgerTime.FromMicros(r.Number(6)));

    static List<MemberItem> Members(LedgerConnection db, string id) => db.Query("SELECT name, blob_hash, size, rows FROM artifact_member WHERE artifact_id=?1 ORDER BY ordinal LIMIT ?2",
        r => new MemberItem(r.Text(0), r.Text(1), r.Number(2), r.NumberOrNull(3)), id, Most);

    static List<ArtifactUse> Uses(LedgerConnection db, string id, string direction) => db.Query("""
        SELECT t.run_id, r.pipeline, t.node_id, e.slot, t.started_us FROM edge e JOIN attempt t USING(attempt_id) JOIN run r USING(run_id) WHERE e.artifact_id=?1 AND e.dir=?2 ORDER BY e.attempt_id DESC LIMIT ?3
        """, r => new ArtifactUse(r.Text(0), r.Text(1), r.Text(2), r.Text(3), LedgerTime.FromMicros(r.Number(4))), id, direction, Most);

    static Dictionary<string, string> Meta(string? json)
    {
        using var document = JsonDocument.Parse(json ?? "{}");
        return document.RootElement.ValueKind != JsonValueKind.Object ? [] : document.RootElement.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal)
            .ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText(), StringComparer.Ordinal);
    }
}
