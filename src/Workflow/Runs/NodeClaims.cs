using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs.Acts;
using Workflow.Schedules;

namespace Workflow.Runs;

/// <summary>P1 and the ends that are no commit: claim, reuse, release of a dead holder's node, failure.</summary>
sealed class NodeClaims(Home home)
{
    /// <summary>Microseconds by which the wall clock must fall behind the monotonic one to count as set back.</summary>
    const long SetBack = 1_000_000;

    (long Wall, long Timestamp)? clock;

    /// <summary>Takes a ready node under the next epoch; null where another was faster, the run is cancelled, or no slot is free.</summary>
    public Claim? TryClaim(string runId, string nodeId, string slotClass, MemoKey key, string whyJson)
    {
        Chaos.Point("claim.before");
        var claim = home.Ledger.Write(db =>
        {
            var now = home.Now;
            var slot = db.Text("SELECT slot_id FROM slot WHERE slot_class=?1 AND attempt_id IS NULL ORDER BY slot_id LIMIT 1", slotClass);
            if (slot is null || QueuePauses.Paused(db, slotClass, now) || db.Number("""
                SELECT n.state='ready' AND r.cancel_requested_us IS NULL FROM node n JOIN run r ON r.run_id=n.run_id WHERE n.run_id=?1 AND n.node_id=?2
                """, runId, nodeId) == 0)
            {
                return null;
            }

            var epoch = home.Fence.Next(db, runId, nodeId);
            db.Execute("UPDATE node SET state='running', epoch=?3, memo_key=?4, key_json=?5, memo_result='miss', why_json=?6 WHERE run_id=?1 AND node_id=?2",
                runId, nodeId, epoch, key.Hash, key.Json, whyJson);
            var again = epoch > 1;
            var resumed = again ? db.First("SELECT MAX(step) FROM checkpoint WHERE run_id=?1 AND node_id=?2 AND kept=1 AND memo_key=?3", r => r.NumberOrNull(0), runId, nodeId, key.Hash) : null;
            var attempt = home.Options.Time.NewId();
            var staging = Path.Combine(home.Paths.Staging, runId, nodeId.Replace('/', '@'), $"{epoch}-{attempt[^8..]}");
            var self = ProcessIdentity.Current;
            db.Execute("""
                INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, host, pid, pid_start, boot_id, state, resumed_ckpt, staging, started_us, seen_us, env_id)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'running', ?10, ?11, ?12, ?12, ?13)
                """, attempt, runId, nodeId, epoch, home.WorkerId, self.Host, self.Pid, self.Start, self.Boot, resumed, Path.GetRelativePath(home.Paths.Root, staging), now, home.EnvironmentId);
            db.Execute("UPDATE slot SET attempt_id=?2, epoch=epoch+1 WHERE slot_id=?1", slot, attempt);
            if (again)
            {
                DropStalePoints(db, runId, nodeId, epoch, resumed);
            }

            if (db.Execute("UPDATE run SET state='running', worker_id=?2, started_us=COALESCE(started_us, ?3) WHERE run_id=?1 AND state IN('queued','interrupted')", runId, home.WorkerId, now) == 1)
            {
                home.History.Add(db, "run.started", runId);
            }
            else
            {
                db.Execute("UPDATE run SET worker_id=?2 WHERE run_id=?1 AND worker_id IS NOT ?2", runId, home.WorkerId);
            }

            home.History.Add(db, "node.claimed", runId, nodeId, epoch, attempt);
            return new Claim(attempt, runId, nodeId, epoch, staging, resumed);
        });
        if (claim is not null)
        {
            Chaos.Point("claim.after");
        }

        return claim;
    }

    /// <summary>P0: gives the node the outputs of an attempt with the same key; false where the node is no longer to be had.</summary>
    public bool Reuse(string runId, string nodeId, MemoKey key, string attemptId) => home.Ledger.Write(db =>
    {
        var now = home.Now;
        var blobs = ArtifactRows.OutputBlobs(db, attemptId);
        if (blobs.Exists(b => !home.Store.Has(b.Hash, b.Size)) || !ModelSlots.StillHolds(db, home, attemptId) || db.Execute("""
            UPDATE node SET state='reused', memo_key=?3, key_json=?4, memo_result='hit', why_json='[]', view_done=0, ended_us=?5
            WHERE run_id=?1 AND node_id=?2 AND state='ready'
            """, runId, nodeId, key.Hash, key.Json, now) == 0)
        {
            return false;
        }

        foreach (var blob in blobs)
        {
            db.Execute("UPDATE blob SET state='live', doomed_us=NULL WHERE hash=?1 AND state='doomed'", blob.Hash);
        }

        db.Execute("UPDATE memo SET hits=hits+1, last_hit_us=?2 WHERE memo_key=?1", key.Hash, now);
        db.Execute("INSERT INTO node_reuse(run_id, node_id, attempt_id, memo_key) VALUES (?1, ?2, ?3, ?4)", runId, nodeId, attemptId, key.Hash);
        if (db.Execute("UPDATE run SET state='running', worker_id=?2, started_us=COALESCE(started_us, ?3) WHERE run_id=?1 AND state IN('queued','interrupted')", runId, home.WorkerId, now) == 1)
        {
            home.History.Add(db, "run.started", runId);
        }

        home.History.Add(db, "node.reused", runId, nodeId, detail: attemptId);
        Datasets.Commit(db, runId, nodeId, attemptId, now);
        ModelSlots.Reuse(db, home, runId, nodeId, attemptId);
        NodeStates.Unlock(db, runId, nodeId);
        NodeStates.RollUp(db, home.History, runId, now);
        return true;
    });

    /// <summary>Gives a node back whose holder is lost; nothing happens where the holder moved meanwhile.</summary>
    /// <param name="attemptId">The lost attempt.</param>
    /// <param name="heartbeat">Its counter as last seen; null where its process is proven dead.</param>
    /// <param name="kind">Why: lost, stopped.</param>
    /// <param name="cleanStaging">Whether its folder may go: only where its process cannot write any more.</param>
    public bool Release(string attemptId, long? heartbeat, string kind, bool cleanStaging)
    {
        var staging = home.Ledger.Write(db =>
        {
            var now = home.Now;
            if (db.First("SELECT run_id, node_id, epoch, staging FROM attempt WHERE attempt_id=?1 AND state='running' AND (?2 IS NULL OR hb_ctr=?2)",
                    r => (RunId: r.Text(0), NodeId: r.Text(1), Epoch: r.Number(2), Staging: r.TextOrNull(3)), attemptId, heartbeat) is not { RunId: not null } lost)
            {
                return null;
            }

            db.Execute("UPDATE attempt SET state='lost', ended_us=?2, exit_kind=?3, error_text=?4 WHERE attempt_id=?1", attemptId, now, kind,
                kind == "stopped" ? "Its process was asked to stop; the node goes on where it was." : "Its process ended or fell silent; the node was given to another.");
            var stop = db.Text("SELECT stop FROM node WHERE run_id=?1 AND node_id=?2 AND state='running' AND epoch=?3", lost.RunId, lost.NodeId, lost.Epoch);
            db.Execute("UPDATE node SET state='ready', eligible_us=0, infra_losses=infra_losses+?3 WHERE run_id=?1 AND node_id=?2 AND state='running' AND epoch=?4",
                lost.RunId, lost.NodeId, kind == "stopped" ? 0 : 1, lost.Epoch);
            Forget(db, attemptId);
            home.History.Add(db, "node.lost", lost.RunId, lost.NodeId, lost.Epoch, attemptId);
            if (stop is not null)
            {
                NodeStates.Stopped(db, home.History, lost.RunId, lost.NodeId, stop, now);
            }

            NodeStates.RollUp(db, home.History, lost.RunId, now);
            Chaos.Point("recovery.inside");
            return lost.Staging ?? "";
        });
        if (staging is null)
        {
            return false;
        }

        Chaos.Point("recovery.released");
        if (cleanStaging && staging.Length > 0)
        {
            StagingFolders.Remove(Path.Combine(home.Paths.Root, staging));
        }

        return true;
    }

    /// <summary>Ends an attempt that failed: another try after a wait, as its class allows, or the node fails for good and its downstream is skipped.</summary>
    /// <returns>The wait before the next try; null where there is none.</returns>
    public TimeSpan? Fail(Claim claim, AttemptFault fault, StageSpec spec) => home.Ledger.Write<TimeSpan?>(db =>
    {
        var now = home.Now;
        if (!home.Fence.Holds(db, claim))
        {
            // Fenced: the node belongs to another attempt. Only our own row tells what became of us.
            if (db.Execute("UPDATE attempt SET state='fenced', ended_us=?2, exit_kind='fenced' WHERE attempt_id=?1 AND state='running'", claim.AttemptId, now) == 1)
            {
                home.History.Add(db, "node.fenced", claim.RunId, claim.NodeId, claim.Epoch, "fenced");
            }

            Forget(db, claim.AttemptId);
            return null;
        }

        var cancelled = fault.Class == FaultClass.None;
        var errorClass = cancelled ? null : fault.Class.ToString().ToLowerInvariant();
        db.Execute("UPDATE attempt SET state=?2, ended_us=?3, exit_kind=?4, error_class=?5, error_type=?6, error_fingerprint=?7, error_text=?8 WHERE attempt_id=?1", claim.AttemptId,
            cancelled ? "cancelled" : fault.Kind is "timeout" or "stalled" ? "timed_out" : "failed", now, fault.Kind, errorClass, fault.Type, fault.Fingerprint, fault.Message);
        var (tries, ofClass, stop) = db.First("""
            SELECT n.tries, (SELECT COUNT(*) FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch>n.tries_from AND t.error_class=?3), n.stop FROM node n WHERE n.run_id=?1 AND n.node_id=?2
            """, r => (r.Number(0) + 1, r.Number(1), r.TextOrNull(2)), claim.RunId, claim.NodeId, errorClass);
        if (stop is not null)
        {
            Forget(db, claim.AttemptId);
            home.History.Add(db, "node.cancelled", claim.RunId, claim.NodeId, claim.Epoch, fault.Kind);
            NodeStates.Stopped(db, home.History, claim.RunId, claim.NodeId, stop, now);
            NodeStates.RollUp(db, home.History, claim.RunId, now);
            return null;
        }

        var again = !cancelled && ofClass < Retries.Allowed(spec.Retry, fault.Class) && tries < (spec.MaxTries ?? int.MaxValue);
        TimeSpan? wait = again ? Retries.Wait(spec.Retry, home.Options, claim, ofClass) : null;
        db.Execute("UPDATE node SET state=?3, tries=?4, eligible_us=?5, ended_us=?6 WHERE run_id=?1 AND node_id=?2", claim.RunId, claim.NodeId,
            cancelled ? "cancelled" : again ? "retry_wait" : "failed", cancelled ? tries - 1 : tries, again ? now + ((long)wait!.Value.TotalMicroseconds) : 0, again ? null : now);
        Forget(db, claim.AttemptId);
        home.History.Add(db, cancelled ? "node.cancelled" : again ? "node.retry" : "node.failed", claim.RunId, claim.NodeId, claim.Epoch, fault.Kind);
        if (!again && !cancelled)
        {
            EndDownstream(db, claim.RunId, claim.NodeId, fault.Message, now);
        }

        NodeStates.RollUp(db, home.History, claim.RunId, now);
        return wait;
    });

    /// <summary>Makes nodes ready whose wait between tries is over.</summary>
    /// <returns>When the next one is due, or null.</returns>
    public long? Wake()
    {
        FollowClock();
        var next = NextRetry();
        if (next is { } due && due <= home.Now)
        {
            home.Ledger.Write(db => db.Execute("UPDATE node SET state='ready' WHERE state='retry_wait' AND eligible_us<=?1", home.Now));
            next = NextRetry();
        }

        return next;

        long? NextRetry() => home.Ledger.Read(db => db.First("SELECT MIN(eligible_us) FROM node WHERE state='retry_wait'", r => r.NumberOrNull(0)));
    }

    /// <summary>A wait between tries is a length of time, kept as an instant of the wall clock: where that was set back, the instant goes with it.</summary>
    void FollowClock()
    {
        var (wall, timestamp) = (home.Now, home.Options.Time.GetTimestamp());
        if (clock is { } last && (long)home.Options.Time.GetElapsedTime(last.Timestamp, timestamp).TotalMicroseconds - (wall - last.Wall) is > SetBack and var back)
        {
            home.Ledger.Write(db => db.Execute("UPDATE node SET eligible_us=eligible_us-?1 WHERE state='retry_wait'", back));
        }

        clock = (wall, timestamp);
    }

    /// <summary>Fails a ready node whose attempts were lost with their processes too often: what takes its host down each time must end.</summary>
    public bool Overlost(string runId, string nodeId, StageSpec spec) => home.Ledger.Write(db =>
    {
        var now = home.Now;
        if (db.Execute("UPDATE node SET state='failed', ended_us=?4 WHERE run_id=?1 AND node_id=?2 AND state='ready' AND infra_losses>=?3", runId, nodeId, spec.Retry.Losses, now) == 0)
        {
            return false;
        }

        home.History.Add(db, "node.failed", runId, nodeId, detail: "lost");
        EndDownstream(db, runId, nodeId, $"its process was lost {spec.Retry.Losses} times", now);
        NodeStates.RollUp(db, home.History, runId, now);
        return true;
    });

    static void EndDownstream(LedgerConnection db, string runId, string nodeId, string message, long now)
    {
        NodeStates.SkipDownstream(db, runId, nodeId, now);
        db.Execute("UPDATE run SET error_text=COALESCE(error_text, ?2) WHERE run_id=?1", runId, $"{nodeId}: {message}");
    }

    /// <summary>Frees the slot and the intents of an attempt that has ended.</summary>
    public static void Forget(LedgerConnection db, string attemptId)
    {
        db.Execute("UPDATE slot SET attempt_id=NULL, epoch=epoch+1 WHERE attempt_id=?1", attemptId);
        db.Execute("DELETE FROM blob_intent WHERE attempt_id=?1", attemptId);
    }

    /// <summary>Points an older epoch wrote beyond the checkpoint this one resumes from never happened.</summary>
    public static void DropStalePoints(LedgerConnection db, string runId, string nodeId, long epoch, long? resumed)
    {
        foreach (var table in new[] { "metric_point", "histogram" })
        {
            db.Execute($"DELETE FROM {table} WHERE epoch<?3 AND step>?4 AND series_id IN (SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id=?2)", runId, nodeId, epoch, resumed ?? -1);
        }

        // Stretches of the curves from there on; the one that was cut is told anew from the points that are left.
        foreach (var width in new[] { 32L, 4096L })
        {
            var bucket = (resumed ?? -1) < 0 ? 0 : resumed!.Value / width;
            db.Execute("DELETE FROM metric_rollup WHERE width=?3 AND bucket>=?4 AND series_id IN (SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id=?2)", runId, nodeId, width, bucket);
            db.Execute("""
                INSERT INTO metric_rollup SELECT series_id, ?3, step/?3, COUNT(*), MIN(value), MAX(value) FROM metric_point
                WHERE series_id IN (SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id=?2) AND step>=?4*?3 GROUP BY 1, 3
                """, runId, nodeId, width, bucket);
        }
    }
}
