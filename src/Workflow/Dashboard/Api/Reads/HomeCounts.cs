using Workflow.Artifacts;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Outside;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>What there is of everything, from the tallies that are kept while history is made.</summary>
static class HomeCounts
{
    /// <summary>The counters.</summary>
    public static Counters Counters(LedgerConnection db, DateTimeOffset now)
    {
        var jobs = db.Query("SELECT state, SUM(n) FROM job_tally GROUP BY state", r => (r.Text(0), r.Number(1))).ToDictionary(StringComparer.Ordinal);
        var runs = db.Query("SELECT state, n FROM run_tally WHERE n<>0 ORDER BY state", r => (r.Text(0), r.Number(1))).ToDictionary(StringComparer.Ordinal);
        return new Counters(now, db.Number("SELECT COUNT(*) FROM worker WHERE ended_us IS NULL"), db.Number("SELECT COUNT(*) FROM schedule WHERE withdrawn_us IS NULL"), Of("retry_wait"), Of("ready"),
            db.Number("SELECT COUNT(*) FROM job_tally WHERE state='ready' AND n>0"), Of("failed"), Of("retry_wait") + runs.GetValueOrDefault("queued"), Of("running"),
            Of("succeeded") + Of("reused"), Of("cancelled") + Of("skipped"), Of("waiting"), runs);

        long Of(string state) => jobs.GetValueOrDefault(state);
    }

    /// <summary>What lies on the disk.</summary>
    public static StorageView Storage(LedgerConnection db, HomePaths paths) => new(
        db.Query("SELECT state, n, bytes FROM blob_tally WHERE n<>0 ORDER BY state", r => (r.Text(0), new FileCount(r.Number(1), r.Number(2)))).ToDictionary(StringComparer.Ordinal),
        db.Query("SELECT kind, n, bytes FROM artifact_tally WHERE n<>0 ORDER BY kind", r => (r.Text(0), new FileCount(r.Number(1), r.Number(2)))).ToDictionary(StringComparer.Ordinal),
        Size(paths.Ledger), Size(paths.Ledger + "-wal"), new DriveInfo(paths.Root).AvailableFreeSpace);

    /// <summary>The state of the home.</summary>
    public static HealthView Health(LedgerConnection db, HomePaths paths, DateTimeOffset now) => new(now, ProgramVersion.Text, db.Number("PRAGMA user_version"), Size(paths.Ledger), Size(paths.Ledger + "-wal"),
        new DriveInfo(paths.Root).AvailableFreeSpace, db.Number("SELECT COUNT(*) FROM attempt WHERE state='running'"), db.Number("SELECT COUNT(*) FROM request WHERE done_us IS NULL"),
        db.Number("SELECT n FROM blob_tally WHERE state='missing'"), [.. SinkStatus.All(db).Select(s => new SinkItem(s.Name, s.Target, s.Lag, s.Error))]);

    /// <summary>What collecting garbage did, or would do, in its shape.</summary>
    public static GcView Of(GcReport report) => new(report.DryRun, report.Doomed, report.DoomedBytes, report.Deleted, report.DeletedBytes, report.Strays, report.Staging, report.Kept);

    static long Size(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}
