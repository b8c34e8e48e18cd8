using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.StoragePages;

/// <summary>Reads for the page of storage: tallies, and the heads of indexes.</summary>
static class StorageQueries
{
    const int Shown = 15, MostPins = 200, Days = 30;
    const long DayUs = 86_400_000_000;

    /// <summary>All of it.</summary>
    public static StorageModel Storage(LedgerConnection db, long now, Paging pins) => new(
        db.Query("SELECT state, n, bytes FROM blob_tally ORDER BY state", Tally),
        db.Query("SELECT kind, n, bytes FROM artifact_tally WHERE n>0 ORDER BY bytes DESC LIMIT 100", Tally),
        db.Query("SELECT o.run_id, r.pipeline, r.state, r.created_us, o.artifacts, o.bytes FROM (SELECT * FROM run_output ORDER BY bytes DESC, run_id LIMIT ?1) o CROSS JOIN run r ON r.run_id=o.run_id ORDER BY o.bytes DESC, o.run_id",
            r => new StorageRun(r.Text(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3)), r.Number(4), r.Number(5)), Shown),
        db.Query("SELECT artifact_id, kind, logical_hash, rows, size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id) FROM artifact a ORDER BY size DESC, artifact_id LIMIT ?1",
            r => new ArtifactRow(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4), r.Number(5)), Shown),
        db.Query("""
            SELECT c.run_id, c.node_id, c.step, c.best, c.artifact_id, a.size, c.created_us FROM checkpoint c CROSS JOIN artifact a ON a.artifact_id=c.artifact_id WHERE c.kept=1 ORDER BY c.created_us DESC, c.artifact_id LIMIT ?1
            """, r => new StorageCheckpoint(r.Text(0), r.Text(1), r.Number(2), r.Number(3) == 1, r.Text(4), r.Number(5), LedgerTime.FromMicros(r.Number(6))), Shown),
        Pins(db, pins),
        Collections(db),
        Growth(db, now));

    /// <summary>Collections that people asked for, newest first.</summary>
    public static List<StorageCollection> Collections(LedgerConnection db) => db.Query(
        "SELECT gc_id, actor, reason, keep_s, grace_s, asked_us, started_us, ended_us, report_json, error FROM gc_act ORDER BY asked_us DESC, gc_id DESC LIMIT 10", r => new StorageCollection(
            r.Text(0), r.Text(1), r.Text(2), TimeSpan.FromSeconds(r.Number(3)), TimeSpan.FromSeconds(r.Number(4)), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7),
            r.TextOrNull(8) is { } report ? JsonSerializer.Deserialize<GcReport>(report) : null, r.TextOrNull(9)));

    /// <summary>The full id of an artifact: of its hash or its beginning, or the newest version of a data set.</summary>
    public static string? Artifact(LedgerConnection db, string text) => LineagePages.ArtifactQueries.Resolve(db, text) ?? db.Text("SELECT artifact_id FROM data_set WHERE name=?1", text);

    static List<StoragePin> Pins(LedgerConnection db, Paging paging) => db.Query("""
        SELECT p.artifact_id, a.kind, a.size, p.reason, p.actor, p.until_us, p.pinned_us FROM pin p CROSS JOIN artifact a ON a.artifact_id=p.artifact_id WHERE p.artifact_id>?1 ORDER BY p.artifact_id LIMIT ?2
        """, r => new StoragePin(r.Text(0), r.Text(1), r.Number(2), r.Text(3), r.Text(4), r.TimeOrNull(5), r.TimeOrNull(6)), Cursor.Read(paging.After, "t") is [string after] ? after : "", Math.Min(paging.Size, MostPins) + 1);

    static List<(DateOnly, long, long)> Growth(LedgerConnection db, long now)
    {
        var today = now - (now % DayUs);
        var found = db.Query("SELECT day_us, n, bytes FROM blob_day WHERE day_us>?1", r => (Day: r.Number(0), Count: r.Number(1), Bytes: r.Number(2)), today - (Days * DayUs)).ToDictionary(d => d.Day);
        return [.. Enumerable.Range(0, Days).Select(i => today - ((Days - 1 - i) * DayUs)).Select(d => (DateOnly.FromDateTime(LedgerTime.FromMicros(d).UtcDateTime), found.GetValueOrDefault(d).Count, found.GetValueOrDefault(d).Bytes))];
    }

    static StorageTally Tally(Row r) => new(r.Text(0), r.Number(1), r.Number(2));
}
