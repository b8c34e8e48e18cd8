using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Cli;

/// <summary>What people ask of what is kept, written to the ledger.</summary>
sealed class StorageActions(HomePaths paths, TimeProvider time) : IStorageActions
{
    public Task PinAsync(string artifactId, DateTimeOffset? until, string actor, string reason, CancellationToken cancellationToken) => ActAsync((db, now) =>
    {
        var why = Audit.Required(reason, "A pin");
        var state = db.Text("SELECT b.state FROM artifact a JOIN blob b ON b.hash=a.blob_hash WHERE a.artifact_id=?1", artifactId) ?? throw new WorkflowException($"There is no artifact '{artifactId}' in this home.", exitCode: 2);
        if (state is "deleted" or "missing")
        {
            throw new WorkflowException($"Artifact {artifactId[..12]} cannot be pinned: its files are {(state == "deleted" ? "collected already" : "missing")}.");
        }

        if (until is { } end && end.Micros() <= now)
        {
            throw new WorkflowException($"Found an end at {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC; expected one in the future, or none.", exitCode: 2);
        }

        // A pin that has ended is no pin.
        if (db.Execute("""
            INSERT INTO pin(artifact_id, reason, actor, until_us, pinned_us) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(artifact_id) DO UPDATE SET reason=excluded.reason, actor=excluded.actor, until_us=excluded.until_us, pinned_us=excluded.pinned_us WHERE pin.until_us IS NOT NULL AND pin.until_us<=?5
            """, artifactId, why, actor, until?.Micros(), now) == 0)
        {
            throw new WorkflowException($"Artifact {artifactId[..12]} is pinned already. Remove its pin first to give it another reason or end.");
        }

        // What garbage collection had marked lives again.
        db.Execute("UPDATE blob SET state='live', doomed_us=NULL WHERE state='doomed' AND (hash=(SELECT blob_hash FROM artifact WHERE artifact_id=?1) OR hash IN (SELECT blob_hash FROM artifact_member WHERE artifact_id=?1))", artifactId);
        Audit.Add(db, now, actor, "artifact.pin", artifactId, why, new { until = until?.UtcDateTime });
        return artifactId;
    }, cancellationToken);

    public Task UnpinAsync(string artifactId, string actor, string reason, CancellationToken cancellationToken) => ActAsync((db, now) =>
    {
        var before = db.First("SELECT reason, actor, until_us FROM pin WHERE artifact_id=?1", r => new { reason = r.Text(0), actor = r.Text(1), until = r.TimeOrNull(2) }, artifactId)
            ?? throw new WorkflowException($"Artifact {artifactId[..Math.Min(12, artifactId.Length)]} is not pinned.");
        db.Execute("DELETE FROM pin WHERE artifact_id=?1", artifactId);
        Audit.Add(db, now, actor, "artifact.unpin", artifactId, reason, before);
        return artifactId;
    }, cancellationToken);

    public Task<string> CollectAsync(TimeSpan keep, TimeSpan grace, string actor, string reason, CancellationToken cancellationToken) => ActAsync((db, now) =>
    {
        var why = Audit.Required(reason, "Collecting garbage");
        if (db.First("SELECT actor FROM gc_act WHERE ended_us IS NULL LIMIT 1", r => r.Text(0)) is { } before)
        {
            throw new WorkflowException($"{before} asked for a collection that has not ended yet.");
        }

        var id = time.NewId();
        db.Execute("INSERT INTO gc_act(gc_id, actor, reason, keep_s, grace_s, asked_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", id, actor, why, (long)keep.TotalSeconds, (long)grace.TotalSeconds, now);
        Audit.Add(db, now, actor, "gc.collect", id, why, new { keep = keep.ToString(), grace = grace.ToString() });
        return id;
    }, cancellationToken);

    /// <summary>A write waits for the disk: not on the thread of a request.</summary>
    Task<string> ActAsync(Func<LedgerConnection, long, string> act, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        return ledger.Write(db => act(db, time.Micros()));
    }, cancellationToken);
}
