using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>Checkpoints: sealed, intended, published and committed like outputs, under the attempt's fence. The last two and the best are kept.</summary>
sealed class CheckpointCommits(Home home)
{
    const string Kind = "checkpoint";

    /// <summary>
    /// Makes a checkpoint durable and removes its folder; false where the attempt is fenced. What the attempt said until then goes into the same transaction: an attempt that resumes from
    /// here does not say it again.
    /// </summary>
    public bool Save(Claim claim, MemoKey key, long step, string cursorJson, string folder, double? metric, Telemetry telemetry)
    {
        var sealedOne = Sealer.Seal(Kind, folder, Path.Combine(claim.Staging, "checkpoint.manifest.json"), new StageReport());
        Chaos.Point("checkpoint.sealed");
        if (!home.Commits.Intend(claim, sealedOne.Files))
        {
            return false;
        }

        Chaos.Point("checkpoint.intent");
        home.Commits.Publish(sealedOne.Files);
        Chaos.Point("checkpoint.published");
        var saved = home.Ledger.Write(db => Insert(db, claim, key, step, cursorJson, metric, sealedOne, telemetry));
        Chaos.Point("checkpoint.after");
        StagingFolders.Remove(folder);
        return saved;
    }

    /// <summary>Checkpoints to resume from, newest first, their bytes verified; a damaged one is taken out and the one before it stands in.</summary>
    public IReadOnlyList<ResumeCheckpoint> Load(Claim claim, MemoKey key, Action<string> log)
    {
        var rows = home.Ledger.Read(db => db.Query("SELECT step, cursor_json, artifact_id FROM checkpoint WHERE run_id=?1 AND node_id=?2 AND kept=1 AND memo_key=?3 ORDER BY step DESC",
            r => (Step: r.Number(0), Cursor: r.Text(1), Id: r.Text(2)), claim.RunId, claim.NodeId, key.Hash));
        var sound = new List<ResumeCheckpoint>();
        foreach (var row in rows)
        {
            var artifact = home.Ledger.Read(db => NodeInputs.Artifact(db, home.Store, row.Id));
            var damaged = artifact.Manifest.Members.FirstOrDefault(m => !BlobCheck.Sound(home.Store, m.Hash));
            if (damaged is null)
            {
                sound.Add(new ResumeCheckpoint(row.Step, row.Cursor, artifact));
                continue;
            }

            log($"checkpoint of step {row.Step} is damaged ({damaged.Name}, {damaged.Hash}): left out");
            BlobCheck.TakeOut(home.Ledger, home.Store, damaged.Hash);
            home.Ledger.Write(db => db.Execute("UPDATE checkpoint SET kept=0 WHERE run_id=?1 AND node_id=?2 AND step=?3", claim.RunId, claim.NodeId, row.Step));
        }

        if (sound.Count != rows.Count)
        {
            // What was written after the checkpoint that counts now never happened either.
            long? step = sound.Count > 0 ? sound[0].Step : null;
            home.Ledger.Write(db =>
            {
                db.Execute("UPDATE attempt SET resumed_ckpt=?2 WHERE attempt_id=?1", claim.AttemptId, step);
                NodeClaims.DropStalePoints(db, claim.RunId, claim.NodeId, claim.Epoch, step);
            });
        }

        return sound;
    }

    bool Insert(LedgerConnection db, Claim claim, MemoKey key, long step, string cursorJson, double? metric, SealedArtifact artifact, Telemetry telemetry)
    {
        if (!home.Fence.Holds(db, claim))
        {
            return false;
        }

        var now = home.Now;
        telemetry.Flush(db, claim);
        ArtifactRows.Insert(db, artifact, now);
        db.Execute("""
            INSERT INTO checkpoint(run_id, node_id, step, epoch, memo_key, artifact_id, cursor_json, metric, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT(run_id, node_id, step) DO UPDATE SET epoch=excluded.epoch, memo_key=excluded.memo_key, artifact_id=excluded.artifact_id, cursor_json=excluded.cursor_json,
              metric=excluded.metric, created_us=excluded.created_us, kept=1
            """, claim.RunId, claim.NodeId, step, claim.Epoch, key.Hash, artifact.Id, cursorJson, metric, now);
        db.Execute("""
            UPDATE checkpoint SET best = metric IS NOT NULL AND step = (SELECT step FROM checkpoint WHERE run_id=?1 AND node_id=?2 AND memo_key=?3 AND metric IS NOT NULL ORDER BY metric DESC, step LIMIT 1)
            WHERE run_id=?1 AND node_id=?2
            """, claim.RunId, claim.NodeId, key.Hash);
        db.Execute("""
            UPDATE checkpoint SET kept = memo_key=?3 AND (best=1 OR step IN (SELECT step FROM checkpoint WHERE run_id=?1 AND node_id=?2 AND memo_key=?3 AND step<=?4 ORDER BY step DESC LIMIT 2))
            WHERE run_id=?1 AND node_id=?2 AND kept=1
            """, claim.RunId, claim.NodeId, key.Hash, step);
        db.Execute("DELETE FROM blob_intent WHERE attempt_id=?1", claim.AttemptId);
        home.History.Add(db, "checkpoint", claim.RunId, claim.NodeId, claim.Epoch, step.ToString());
        Chaos.Point("checkpoint.inside");
        return true;
    }
}
