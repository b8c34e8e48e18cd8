using Workflow.Ledger;

namespace Workflow.Dashboard.LineagePages;

/// <summary>A run to see lineage as of.</summary>
public sealed record RunChoice(string RunId, string Job, DateTimeOffset Created);

/// <summary>Reads for pages of artifacts, beside <see cref="ArtifactQueries"/>.</summary>
static class ArtifactPageQueries
{
    const int Looked = 200, Choices = 30, PageOfMembers = 100;

    /// <summary>The artifact with its files from an ordinal on, or null.</summary>
    public static ArtifactPageModel? Artifact(LedgerConnection db, string id, long fromMember) => ArtifactQueries.Artifact(db, id) is { } model
        ? model with
        {
            Members = db.Query("SELECT name, blob_hash, size, rows, logical_hash FROM artifact_member WHERE artifact_id=?1 AND ordinal>=?2 ORDER BY ordinal LIMIT ?3",
                r => new Artifacts.ManifestMember(r.Text(0), r.Text(1), r.Number(2), r.NumberOrNull(3), r.Text(4)), id, fromMember, PageOfMembers),
            From = fromMember,
            DataSets = db.Query("SELECT DISTINCT name FROM data_version WHERE artifact_id=?1 ORDER BY name LIMIT 10", r => r.Text(0), id),
            Pin = db.First("SELECT reason, actor, until_us FROM pin WHERE artifact_id=?1", r => $"{r.Text(0)} ({r.Text(1)}{(r.TimeOrNull(2) is { } until ? $", until {Format.Time(until)}" : "")})", id),
        }
        : null;

    /// <summary>Runs that made, took or read an artifact, newest first: those among the attempts looked at.</summary>
    public static List<RunChoice> Runs(LedgerConnection db, string artifact) => db.Query("""
        WITH near(attempt_id) AS (
          SELECT attempt_id FROM (SELECT attempt_id FROM edge WHERE artifact_id=?1 AND dir='out' ORDER BY attempt_id DESC LIMIT ?2)
          UNION SELECT attempt_id FROM (SELECT attempt_id FROM edge WHERE artifact_id=?1 AND dir='in' ORDER BY attempt_id DESC LIMIT ?2)),
        used(run_id) AS (SELECT t.run_id FROM near CROSS JOIN attempt t ON t.attempt_id=near.attempt_id
          UNION SELECT run_id FROM (SELECT u.run_id FROM near CROSS JOIN node_reuse u ON u.attempt_id=near.attempt_id LIMIT ?2))
        SELECT r.run_id, r.pipeline, r.created_us FROM used CROSS JOIN run r ON r.run_id=used.run_id ORDER BY r.created_us DESC, r.run_id DESC LIMIT ?3
        """, r => new RunChoice(r.Text(0), r.Text(1), LedgerTime.FromMicros(r.Number(2))), artifact, Looked, Choices);

    /// <summary>The newest artifacts.</summary>
    public static List<ArtifactRow> Newest(LedgerConnection db) => db.Query(
        "SELECT artifact_id, kind, logical_hash, rows, size, 0 FROM artifact ORDER BY created_us DESC, artifact_id LIMIT 20", r => new ArtifactRow(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4), r.Number(5)));
}
