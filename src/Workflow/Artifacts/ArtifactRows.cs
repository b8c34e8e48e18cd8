using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Artifacts;

/// <summary>Artifacts as rows of the ledger.</summary>
static class ArtifactRows
{
    /// <summary>Inserts an artifact, its members and their blobs; what is there stays, and garbage in its grace lives again.</summary>
    public static void Insert(LedgerConnection db, SealedArtifact artifact, long now)
    {
        foreach (var file in artifact.Files)
        {
            db.Execute("""
                INSERT INTO blob(hash, size, state, first_us) VALUES (?1, ?2, 'live', ?3)
                ON CONFLICT(hash) DO UPDATE SET state='live', size=excluded.size, doomed_us=NULL WHERE state<>'live'
                """, file.Hash, file.Size, now);
        }

        var manifest = artifact.Manifest;
        long? rows = manifest.Members.Any(m => m.Rows is not null) ? manifest.Rows : null;
        if (db.Execute("""
            INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, format, rows, size, meta_json, created_us) VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT(artifact_id) DO NOTHING
            """, artifact.Id, manifest.Kind, artifact.Logical, manifest.Format, rows, manifest.Members.Sum(m => m.Size), JsonSerializer.Serialize(manifest.Meta), now) == 0)
        {
            return;
        }

        for (var i = 0; i < manifest.Members.Count; i++)
        {
            var member = manifest.Members[i];
            db.Execute("INSERT INTO artifact_member(artifact_id, ordinal, name, blob_hash, size, rows, logical_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                artifact.Id, i, member.Name, member.Hash, member.Size, member.Rows, member.Logical);
        }
    }

    /// <summary>The manifest of an artifact, from the ledger alone.</summary>
    public static Manifest Load(LedgerConnection db, string artifactId)
    {
        var (kind, format, meta) = db.First("SELECT kind, format, meta_json FROM artifact WHERE artifact_id=?1", r => (Kind: r.Text(0), Format: r.Number(1), Meta: r.Text(2)), artifactId);
        if (kind is null)
        {
            throw new WorkflowException($"No artifact {artifactId} in this home.");
        }

        var members = db.Query("SELECT name, blob_hash, size, rows, logical_hash FROM artifact_member WHERE artifact_id=?1 ORDER BY ordinal",
            r => new ManifestMember(r.Text(0), r.Text(1), r.Number(2), r.NumberOrNull(3), r.Text(4)), artifactId);
        return new Manifest
        {
            Kind = kind,
            Format = (int)format,
            Members = members,
            Meta = new SortedDictionary<string, string>(JsonSerializer.Deserialize<Dictionary<string, string>>(meta)!, StringComparer.Ordinal),
        };
    }

    /// <summary>Blobs of an attempt's outputs: manifests and members.</summary>
    public static List<(string Hash, long Size, string ArtifactId, string Name)> OutputBlobs(LedgerConnection db, string attemptId) => db.Query("""
        SELECT b.hash, b.size, e.artifact_id, 'manifest.json' FROM edge e JOIN artifact a USING(artifact_id) JOIN blob b ON b.hash=a.blob_hash WHERE e.attempt_id=?1 AND e.dir='out'
        UNION ALL
        SELECT b.hash, b.size, e.artifact_id, m.name FROM edge e JOIN artifact_member m USING(artifact_id) JOIN blob b ON b.hash=m.blob_hash WHERE e.attempt_id=?1 AND e.dir='out'
        """, r => (r.Text(0), r.Number(1), r.Text(2), r.Text(3)), attemptId);
}
