using Workflow.Artifacts;
using Workflow.Ledger;

namespace Durability;

/// <summary>What must hold of a home whatever happened to the processes in it; each method lists what does not.</summary>
static class Oracle
{
    /// <summary>Between a fault and its recovery: nothing torn is visible, nothing committed is without its bytes.</summary>
    public static List<string> Between(HomePaths home)
    {
        var found = TornFiles(home);
        if (File.Exists(home.Ledger))
        {
            using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);
            found.AddRange(MissingBytes(ledger, home));
        }

        return found;
    }

    /// <summary>After the run has ended: O1 to O9.</summary>
    /// <param name="home">The home.</param>
    /// <param name="expected">Artifact ids by <c>node.slot</c> of an undisturbed run.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<List<string>> AfterAsync(HomePaths home, IReadOnlyDictionary<string, string> expected, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var sound = await SqliteShell.RunAsync(home.Ledger, "PRAGMA integrity_check; PRAGMA foreign_key_check;", cancellationToken);
        Check(found, sound == "ok", $"O1 {sound}");
        using var ledger = LedgerDb.Open(home.Ledger, TimeProvider.System);
        var run = ledger.Runs(1)[0];
        Check(found, run.State == "succeeded", $"O5 run is {run.State}: {run.Error}");
        found.AddRange(ledger.Read(db => db.Query("""
            SELECT 'O2 ' || n.node_id || ' has ' || COUNT(t.attempt_id) || ' committed attempts, epoch ' || n.committed_epoch || ' of ' || n.epoch FROM node n
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.state='committed' AND t.epoch=n.committed_epoch AND n.committed_epoch=n.epoch
            WHERE n.state='succeeded' GROUP BY n.run_id, n.node_id
            HAVING COUNT(t.attempt_id)<>1 OR (SELECT COUNT(*) FROM attempt c WHERE c.run_id=n.run_id AND c.node_id=n.node_id AND c.state='committed')<>1
            UNION ALL SELECT 'O2 ' || node_id || ' was committed ' || COUNT(*) || ' times' FROM event c WHERE type='node.committed' GROUP BY run_id, node_id
              HAVING COUNT(*)>1+(SELECT COUNT(*) FROM event r WHERE r.type='node.reset' AND r.run_id=c.run_id AND r.node_id=c.node_id)
            UNION ALL SELECT 'O2 stale holder of ' || c.node_id || ' committed after it was replaced' FROM event c JOIN event l ON l.type='node.lost' AND l.payload=c.payload AND l.seq<c.seq WHERE c.type='node.committed'
            UNION ALL SELECT 'O5 ' || node_id || ' is ' || state FROM node WHERE state NOT IN('succeeded','reused')
            UNION ALL SELECT 'O5 an attempt still runs on ' || node_id FROM attempt WHERE state='running'
            UNION ALL SELECT 'O6 attempt ' || t.epoch || ' of ' || t.node_id || ' begins ' || SUM(e.type='node.claimed') || ' and ends ' || SUM(e.type<>'node.claimed') || ' times in the history' FROM attempt t
            JOIN event e ON e.run_id=t.run_id AND e.node_id=t.node_id AND e.epoch=t.epoch AND e.type IN('node.claimed','node.committed','node.failed','node.retry','node.cancelled','node.lost','node.fenced')
            GROUP BY t.attempt_id HAVING SUM(e.type='node.claimed')<>1 OR SUM(e.type<>'node.claimed')<>1
            UNION ALL SELECT 'O8 slot ' || slot_id || ' is taken' FROM slot WHERE attempt_id IS NOT NULL
            UNION ALL SELECT 'O8 an intent is left' FROM blob_intent
            UNION ALL SELECT 'O9 events end at ' || MAX(seq) || ' but are ' || COUNT(*) FROM event HAVING MAX(seq)<>COUNT(*)
            """, r => r.Text(0))));
        found.AddRange(TornFiles(home).Select(t => $"O3 {t}"));
        found.AddRange(MissingBytes(ledger, home).Select(m => $"O3 {m}"));
        var outputs = Outputs(ledger, run.RunId);
        foreach (var (slot, id) in expected)
        {
            Check(found, outputs.GetValueOrDefault(slot) == id, $"O4 {slot} is {outputs.GetValueOrDefault(slot)}, undisturbed {id}");
        }

        var live = ledger.Read(db => db.Number("SELECT COUNT(*) FROM blob WHERE state='live'"));
        var collected = GarbageCollector.Collect(ledger, new ArtifactStore(home), TimeSpan.FromDays(1000), TimeSpan.Zero, dryRun: false);
        var reachable = ledger.Read(db => db.Number("SELECT COUNT(*) FROM blob WHERE state='live'"));
        Check(found, collected.Deleted == live - reachable, $"O7 {live} live blobs, {reachable} left, {collected.Deleted} collected");
        Check(found, !Directory.Exists(home.Staging) || !Directory.EnumerateFiles(home.Staging, "*", SearchOption.AllDirectories).Any(), "O7 staging holds files");
        found.AddRange(MissingBytes(ledger, home).Select(m => $"O7 after collection {m}"));
        return found;
    }

    /// <summary>Artifact id by node.slot.</summary>
    public static Dictionary<string, string> Outputs(LedgerDb ledger, string runId) =>
        ledger.Detail(runId).Outputs.ToDictionary(o => $"{o.NodeId}.{o.Slot}", o => o.Artifact.Id, StringComparer.Ordinal);

    /// <summary>Counts the nodes of all runs and the attempts beyond one for each node that had any.</summary>
    public static void CountWork(HomePaths home, Findings findings)
    {
        using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);
        findings.Nodes += ledger.Read(db => db.Number("SELECT COUNT(*) FROM node"));
        findings.Redone += ledger.Read(db => db.Number("SELECT COUNT(*) - COUNT(DISTINCT run_id || ' ' || node_id) FROM attempt"));
    }

    /// <summary>Files of the store that are not what their names say.</summary>
    public static List<string> TornFiles(HomePaths home) =>
        [.. new ArtifactStore(home).Files().Where(f => ArtifactStore.HashFile(f.Path).Hash != f.Name).Select(f => $"torn file {f.Name}")];

    static IEnumerable<string> MissingBytes(LedgerDb ledger, HomePaths home)
    {
        var store = new ArtifactStore(home);
        return ledger.Read(db => db.Query("SELECT hash, size FROM blob WHERE state='live'", r => (Hash: r.Text(0), Size: r.Number(1)))).Where(b => !store.Has(b.Hash, b.Size))
            .Select(b => $"committed {b.Hash} has no bytes");
    }

    static void Check(List<string> found, bool holds, string what)
    {
        if (!holds)
        {
            found.Add(what);
        }
    }
}
