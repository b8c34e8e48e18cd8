using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Artifacts;

/// <summary>
/// Removes what nothing reaches: marked first (doomed), removed after its grace, under the ledger's write lock, so that a commit either sees the file or makes it live again.
/// Reached are pins, dataset versions, the last three models of every named slot, kept checkpoints and everything that runs inside the retention read or made; intents protect what is being published.
/// </summary>
public static class GarbageCollector
{
    const int Batch = 200;

    const string Unreachable = """
        WITH RECURSIVE kept_run(id) AS (SELECT run_id FROM run WHERE created_us>=?1 OR state IN('queued','running','interrupted')),
        root(a) AS (SELECT artifact_id FROM pin WHERE until_us IS NULL OR until_us>?2 UNION SELECT version FROM dataset_version
          UNION SELECT s.artifact_id FROM model_slot s WHERE s.seq>(SELECT MAX(seq) FROM model_slot WHERE name=s.name)-3
          UNION SELECT artifact_id FROM checkpoint WHERE kept=1 AND run_id IN (SELECT id FROM kept_run)
          UNION SELECT e.artifact_id FROM edge e JOIN attempt t USING(attempt_id) WHERE t.state='committed' AND t.run_id IN (SELECT id FROM kept_run)
          UNION SELECT e.artifact_id FROM node_reuse u JOIN edge e USING(attempt_id) WHERE u.run_id IN (SELECT id FROM kept_run)),
        reach(h) AS (SELECT blob_hash FROM artifact JOIN root ON a=artifact_id UNION SELECT blob_hash FROM artifact_member JOIN root ON a=artifact_id)
        SELECT b.hash, b.size, b.state, COALESCE(b.doomed_us, 0) FROM blob b WHERE b.state IN('live','doomed') AND b.hash NOT IN (SELECT h FROM reach) AND b.hash NOT IN (SELECT hash FROM blob_intent)
        """;

    /// <summary>Collects.</summary>
    /// <param name="ledger">The ledger, opened for writing unless it is a dry run.</param>
    /// <param name="store">The store.</param>
    /// <param name="retention">Runs younger than this keep all they read and made.</param>
    /// <param name="grace">How long unreachable blobs stay before they go; zero removes at once.</param>
    /// <param name="dryRun">Only look.</param>
    public static GcReport Collect(LedgerDb ledger, ArtifactStore store, TimeSpan retention, TimeSpan grace, bool dryRun)
    {
        if (dryRun)
        {
            return Look(ledger, store, retention, grace, 0).Report;
        }

        var now = ledger.Time.Micros();
        var keep = now - (long)retention.TotalMicroseconds;
        var garbage = ledger.Read(db => db.Query(Unreachable, Garbage.Of, keep, now));
        var fresh = garbage.FindAll(g => g.State == "live");
        var kept = (int)ledger.Read(db => db.Number("SELECT COUNT(*) FROM blob WHERE state='live'")) - fresh.Count;

        ledger.Write(db =>
        {
            // Asked again under the write lock: a commit since then may have reached some of it.
            foreach (var g in db.Query(Unreachable, Garbage.Of, keep, now).Where(g => g.State == "live"))
            {
                db.Execute("UPDATE blob SET state='doomed', doomed_us=?2 WHERE hash=?1", g.Hash, now);
            }
        });
        var (deleted, bytes) = Delete(ledger, store, keep, now, grace);
        return new GcReport(false, fresh.Count, fresh.Sum(g => g.Size), deleted, bytes, RemoveStrays(ledger, store), SweepStaging(ledger, store), kept);
    }

    /// <summary>What collecting would do, changing nothing.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="store">The store.</param>
    /// <param name="retention">Runs younger than this keep all they read and made.</param>
    /// <param name="grace">How long unreachable blobs stay before they go; zero removes at once.</param>
    /// <param name="most">So many of the largest are listed.</param>
    public static GcLook Look(LedgerDb ledger, ArtifactStore store, TimeSpan retention, TimeSpan grace, int most)
    {
        var now = ledger.Time.Micros();
        var garbage = ledger.Read(db => db.Query(Unreachable, Garbage.Of, now - (long)retention.TotalMicroseconds, now));
        var (fresh, bytes, due, dueBytes) = (0, 0L, 0, 0L);
        var largest = new PriorityQueue<GcItem, long>();
        foreach (var g in garbage)
        {
            var goes = grace <= TimeSpan.Zero || (g.State == "doomed" && now - g.DoomedUs >= grace.TotalMicroseconds);
            (fresh, bytes) = g.State == "live" ? (fresh + 1, bytes + g.Size) : (fresh, bytes);
            (due, dueBytes) = goes ? (due + 1, dueBytes + g.Size) : (due, dueBytes);
            largest.Enqueue(new GcItem(g.Hash, g.Size, g.State == "doomed" ? LedgerTime.FromMicros(g.DoomedUs) : null, goes), g.Size);
            if (largest.Count > most)
            {
                largest.Dequeue();
            }
        }

        var kept = (int)ledger.Read(db => db.Number("SELECT n FROM blob_tally WHERE state='live'")) - fresh;
        return new GcLook(new GcReport(true, fresh, bytes, due, dueBytes, Strays(ledger, store).Count, 0, kept), [.. largest.UnorderedItems.Select(i => i.Element).OrderByDescending(i => i.Size).ThenBy(i => i.Hash, StringComparer.Ordinal)]);
    }

    static (int Count, long Bytes) Delete(LedgerDb ledger, ArtifactStore store, long keep, long now, TimeSpan grace)
    {
        var (count, bytes) = (0, 0L);
        while (true)
        {
            var batch = ledger.Write(db =>
            {
                var due = db.Query(Unreachable + " AND b.state='doomed' AND ?2-b.doomed_us>=?3 ORDER BY b.hash LIMIT ?4", Garbage.Of, keep, now, (long)grace.TotalMicroseconds, Batch);
                foreach (var g in due)
                {
                    File.Delete(store.PathOf(g.Hash));
                    db.Execute("UPDATE blob SET state='deleted' WHERE hash=?1", g.Hash);
                    db.Execute("""
                        UPDATE memo SET invalid_us=?2, invalid_reason='its files were collected as garbage' WHERE invalid_us IS NULL AND attempt_id IN (SELECT e.attempt_id FROM edge e JOIN artifact a USING(artifact_id)
                          WHERE e.dir='out' AND (a.blob_hash=?1 OR a.artifact_id IN (SELECT artifact_id FROM artifact_member WHERE blob_hash=?1)))
                        """, g.Hash, now);
                }

                return due;
            });
            if (batch.Count == 0)
            {
                return (count, bytes);
            }

            count += batch.Count;
            bytes += batch.Sum(g => g.Size);
        }
    }

    static List<string> Strays(LedgerDb ledger, ArtifactStore store)
    {
        var known = ledger.Read(db => db.Query("SELECT hash FROM blob WHERE state<>'deleted' UNION SELECT hash FROM blob_intent", r => r.Text(0))).ToHashSet(StringComparer.Ordinal);
        return [.. store.Files().Where(f => !known.Contains(f.Name)).Select(f => f.Path)];
    }

    static int RemoveStrays(LedgerDb ledger, ArtifactStore store) => ledger.Write(db =>
    {
        // Under the write lock no intent can appear between the look and the removal.
        var strays = store.Files().ToList();
        var known = db.Query("SELECT hash FROM blob WHERE state<>'deleted' UNION SELECT hash FROM blob_intent", r => r.Text(0)).ToHashSet(StringComparer.Ordinal);
        var removed = 0;
        foreach (var (name, path) in strays.Where(s => !known.Contains(s.Name)))
        {
            File.Delete(path);
            removed++;
        }

        return removed;
    });

    static int SweepStaging(LedgerDb ledger, ArtifactStore store)
    {
        var alive = ledger.Read(db => db.Query("SELECT staging FROM attempt WHERE state='running' AND staging IS NOT NULL", r => Path.Combine(store.Home.Root, r.Text(0))));
        return StagingFolders.Sweep(store.Home.Staging, alive.ToHashSet(StringComparer.Ordinal));
    }

    readonly record struct Garbage(string Hash, long Size, string State, long DoomedUs)
    {
        public static Garbage Of(Row r) => new(r.Text(0), r.Number(1), r.Text(2), r.Number(3));
    }
}
