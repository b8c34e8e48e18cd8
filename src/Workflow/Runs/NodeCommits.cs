using Workflow.Artifacts;
using Workflow.Schedules;

namespace Workflow.Runs;

/// <summary>P4 to P6: intent, publish, commit. Virtual members exist so that tests can break the order and see it found.</summary>
class NodeCommits(Home home)
{
    /// <summary>The home.</summary>
    protected Home Home { get; } = home;

    /// <summary>Makes sealed outputs visible: bytes first, then the one transaction that refers to them.</summary>
    /// <returns>False where the attempt is fenced or cancelled: nothing became visible.</returns>
    public virtual bool PublishAndCommit(Claim claim, MemoKey key, NodeInputs inputs, IReadOnlyList<SealedArtifact> outputs)
    {
        var files = outputs.SelectMany(o => o.Files).ToList();
        if (files.Count > 0 && !Intend(claim, files))
        {
            return false;
        }

        Chaos.Point("intent.after");
        Publish(files);
        Chaos.Point("publish.after");
        return Commit(claim, key, inputs, outputs, recheck: true);
    }

    /// <summary>P4: names what will be published, so that garbage collection keeps its hands off.</summary>
    public bool Intend(Claim claim, IEnumerable<SealedFile> files) => Home.Ledger.Write(db =>
    {
        if (!Home.Fence.Holds(db, claim))
        {
            return false;
        }

        foreach (var file in files)
        {
            db.Execute("INSERT INTO blob_intent(attempt_id, hash, size) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", claim.AttemptId, file.Hash, file.Size);
        }

        return true;
    });

    /// <summary>P5: moves the files to their names and makes the names durable. Any order, any number of times.</summary>
    public void Publish(IEnumerable<SealedFile> files)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files.Where(f => f.Staged is not null && done.Add(f.Hash)))
        {
            Chaos.Point("publish.before");
            Home.Store.Publish(file.Staged!, file.Hash, file.Size);
        }

        Home.Store.SyncFolders(done);
    }

    /// <summary>P6: the linearisation point.</summary>
    protected bool Commit(Claim claim, MemoKey key, NodeInputs inputs, IReadOnlyList<SealedArtifact> outputs, bool recheck)
    {
        Chaos.Point("commit.before");
        var committed = Home.Ledger.Write(db =>
        {
            if (!Home.Fence.Holds(db, claim) || NodeStates.ToStop(db, claim.RunId, claim.NodeId))
            {
                return false;
            }

            if (recheck)
            {
                Recheck(outputs.SelectMany(o => o.Files));
            }

            var now = Home.Now;
            db.Execute("UPDATE node SET state='succeeded', committed_epoch=?3, view_done=0, ended_us=?4 WHERE run_id=?1 AND node_id=?2", claim.RunId, claim.NodeId, claim.Epoch, now);
            foreach (var output in outputs)
            {
                ArtifactRows.Insert(db, output, now);
                db.Execute("INSERT INTO edge(attempt_id, dir, slot, ordinal, artifact_id) VALUES (?1, 'out', ?2, 0, ?3)", claim.AttemptId, output.Slot, output.Id);
            }

            foreach (var input in inputs.All)
            {
                db.Execute("INSERT INTO edge(attempt_id, dir, slot, ordinal, artifact_id) VALUES (?1, 'in', ?2, ?3, ?4)", claim.AttemptId, input.Slot, input.Ordinal, input.ArtifactId);
            }

            ModelSlots.Commit(db, Home, claim, inputs, outputs);
            db.Execute("""
                INSERT INTO memo(memo_key, stage, uses, kind, node_id, stage_code_hash, param_id, attempt_id, key_json, created_us)
                SELECT ?3, n.stage, n.uses, n.kind, n.node_id, ?4, n.param_id, ?5, ?6, ?7 FROM node n WHERE n.run_id=?1 AND n.node_id=?2
                ON CONFLICT(memo_key) DO UPDATE SET attempt_id=excluded.attempt_id, created_us=excluded.created_us, invalid_us=NULL, invalid_reason=NULL WHERE memo.invalid_us IS NOT NULL
                """, claim.RunId, claim.NodeId, key.Hash, key.CodeHash, claim.AttemptId, key.Json, now);
            db.Execute("UPDATE attempt SET state='committed', ended_us=?2, seen_us=?2, exit_kind='ok' WHERE attempt_id=?1", claim.AttemptId, now);
            NodeClaims.Forget(db, claim.AttemptId);
            Home.History.Add(db, "node.committed", claim.RunId, claim.NodeId, claim.Epoch, claim.AttemptId);
            if (outputs.Count > 0)
            {
                Datasets.Commit(db, claim.RunId, claim.NodeId, claim.AttemptId, now);
            }

            NodeStates.Unlock(db, claim.RunId, claim.NodeId);
            NodeStates.RollUp(db, Home.History, claim.RunId, now);
            Chaos.Point("commit.inside");
            return true;
        });
        if (committed)
        {
            Chaos.Point("commit.after");
        }

        return committed;
    }


    void Recheck(IEnumerable<SealedFile> files)
    {
        foreach (var file in files)
        {
            if (!Home.Store.Has(file.Hash, file.Size))
            {
                throw new IOException($"Published file {file.Hash} is no longer in the store.");
            }
        }
    }
}
