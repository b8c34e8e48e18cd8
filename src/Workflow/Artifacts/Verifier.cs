using Workflow.Ledger;

namespace Workflow.Artifacts;

/// <summary>Re-hashes what is committed.</summary>
public static class Verifier
{
    /// <summary>Verifies all blobs, or those of one run's outputs.</summary>
    /// <param name="ledger">The ledger; opened for writing where <paramref name="quarantine"/> is asked.</param>
    /// <param name="store">The store.</param>
    /// <param name="runId">One run, or null for everything.</param>
    /// <param name="quarantine">Take damaged files out, so that the next run computes them again.</param>
    /// <param name="progress">Called with blobs done and in all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static VerifyReport Verify(LedgerDb ledger, ArtifactStore store, string? runId, bool quarantine, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        var blobs = ledger.Read(db => runId is null
            ? db.Query("SELECT hash, size FROM blob WHERE state='live' OR (state='missing' AND hash IN (SELECT blob_hash FROM artifact_member UNION SELECT blob_hash FROM artifact)) ORDER BY hash", r => (Hash: r.Text(0), Size: r.Number(1)))
            : db.Query("""
                WITH used(id) AS (SELECT e.artifact_id FROM edge e JOIN attempt t USING(attempt_id) WHERE t.run_id=?1 AND t.state='committed'
                  UNION SELECT e.artifact_id FROM node_reuse u JOIN edge e USING(attempt_id) WHERE u.run_id=?1 AND e.dir='out'
                  UNION SELECT artifact_id FROM checkpoint WHERE run_id=?1 AND kept=1)
                SELECT b.hash, b.size FROM blob b WHERE b.hash IN (SELECT a.blob_hash FROM artifact a JOIN used ON id=a.artifact_id UNION SELECT m.blob_hash FROM artifact_member m JOIN used ON id=m.artifact_id) ORDER BY b.hash
                """, r => (Hash: r.Text(0), Size: r.Number(1)), runId));
        var problems = new List<BlobProblem>();
        long bytes = 0;
        for (var i = 0; i < blobs.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (hash, size) = blobs[i];
            bytes += size;
            if (!BlobCheck.Sound(store, hash))
            {
                var there = File.Exists(store.PathOf(hash));
                var producer = ledger.Read(db => BlobCheck.Producer(db, hash));
                var aside = quarantine ? BlobCheck.TakeOut(ledger, store, hash) : null;
                problems.Add(new BlobProblem(hash, there ? "damaged" : "missing", producer?.RunId, producer?.NodeId, producer?.File, aside));
            }

            progress?.Invoke(i + 1, blobs.Count);
        }

        return new VerifyReport(blobs.Count, bytes, problems, runId is null ? Strays(ledger, store) : []);
    }

    static List<string> Strays(LedgerDb ledger, ArtifactStore store)
    {
        var known = ledger.Read(db => db.Query("SELECT hash FROM blob WHERE state<>'deleted'", r => r.Text(0))).ToHashSet(StringComparer.Ordinal);
        return [.. store.Files().Select(f => f.Name).Where(n => !known.Contains(n)).Order(StringComparer.Ordinal)];
    }
}
