using Workflow.Ledger;

namespace Workflow.Artifacts;

/// <summary>Whether a published file is still what its name says, and what to do where it is not.</summary>
static class BlobCheck
{
    /// <summary>Whether the file is there and its bytes hash to its name.</summary>
    public static bool Sound(ArtifactStore store, string hash)
    {
        var path = store.PathOf(hash);
        return File.Exists(path) && ArtifactStore.HashFile(path).Hash == hash;
    }

    /// <summary>
    /// Takes a damaged file out of the store, marks its blob missing and its producers' memo entries invalid, so that the next run computes it again.
    /// </summary>
    /// <returns>Where the file lies now; null where there was none.</returns>
    public static string? TakeOut(LedgerDb ledger, ArtifactStore store, string hash) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        var aside = store.Quarantine(hash);
        db.Execute("UPDATE blob SET state='missing' WHERE hash=?1 AND state IN('live','doomed')", hash);
        db.Execute("""
            UPDATE memo SET invalid_us=?2, invalid_reason=?3 WHERE invalid_us IS NULL AND attempt_id IN (SELECT e.attempt_id FROM edge e JOIN artifact a USING(artifact_id)
              WHERE e.dir='out' AND (a.blob_hash=?1 OR EXISTS(SELECT 1 FROM artifact_member m WHERE m.artifact_id=a.artifact_id AND m.blob_hash=?1)))
            """, hash, now, $"file {hash} is missing or damaged");
        return aside;
    });

    /// <summary>Who published a blob, for messages: run, node and file name; null where no attempt did.</summary>
    public static (string RunId, string NodeId, string File)? Producer(LedgerConnection db, string hash) => db.First("""
        SELECT t.run_id, t.node_id, COALESCE((SELECT m.name FROM artifact_member m WHERE m.artifact_id=a.artifact_id AND m.blob_hash=?1), 'manifest.json')
        FROM edge e JOIN artifact a USING(artifact_id) JOIN attempt t USING(attempt_id)
        WHERE e.dir='out' AND (a.blob_hash=?1 OR EXISTS(SELECT 1 FROM artifact_member m WHERE m.artifact_id=a.artifact_id AND m.blob_hash=?1))
        ORDER BY t.ended_us LIMIT 1
        """, r => ((string, string, string)?)(r.Text(0), r.Text(1), r.Text(2)), hash);
}
