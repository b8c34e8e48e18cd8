using Workflow.Artifacts;

namespace Workflow.Runs;

/// <summary>P0: whether a key has been computed and its bytes are all there.</summary>
static class MemoLookup
{
    /// <summary>The attempt whose outputs a key may take, or null. An entry whose files are gone is made invalid.</summary>
    public static (string AttemptId, string RunId)? Find(Home home, MemoKey key)
    {
        var hit = home.Ledger.Read(db => db.First("SELECT m.attempt_id, t.run_id FROM memo m JOIN attempt t USING(attempt_id) WHERE m.memo_key=?1 AND m.invalid_us IS NULL",
            r => (AttemptId: r.Text(0), RunId: r.Text(1)), key.Hash));
        if (hit.AttemptId is null)
        {
            return null;
        }

        var missing = home.Ledger.Read(db => ArtifactRows.OutputBlobs(db, hit.AttemptId)).Find(b => !home.Store.Has(b.Hash, b.Size));
        if (missing.Hash is null)
        {
            return hit;
        }

        home.Ledger.Write(db =>
        {
            db.Execute("UPDATE memo SET invalid_us=?2, invalid_reason=?3 WHERE memo_key=?1", key.Hash, home.Now, $"file {missing.Name} ({missing.Hash}) is no longer in the store");
            db.Execute("UPDATE blob SET state='missing' WHERE hash=?1 AND state='live'", missing.Hash);
        });
        return null;
    }
}
