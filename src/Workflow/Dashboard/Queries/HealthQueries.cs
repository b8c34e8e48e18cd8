using System.Reflection;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.Queries;

/// <summary>A process that executes, or did.</summary>
public sealed record WorkerRow(string Role, string Host, long Pid, string Queues, DateTimeOffset Started, DateTimeOffset Seen);

/// <summary>A figure of the health page, with what it means.</summary>
public sealed record HealthFigure(string Name, string Value, string Note = "", string Look = "");

/// <summary>Figures and processes.</summary>
public sealed record HealthModel(IReadOnlyList<HealthFigure> Figures, IReadOnlyList<WorkerRow> Workers);

/// <summary>Reads for the health page.</summary>
static class HealthQueries
{
    const long LargeWal = 64L << 20;

    /// <summary>The state of the home and its ledger.</summary>
    public static HealthModel Health(LedgerConnection db, HomePaths paths)
    {
        var wal = Size(paths.Ledger + "-wal");
        var fenced = db.Number("SELECT COUNT(*) FROM (SELECT type FROM event ORDER BY seq DESC LIMIT 10000) WHERE type LIKE '%fenced%'");
        var sinks = Outside.SinkStatus.All(db);
        var requests = db.Number("SELECT COUNT(*) FROM request WHERE done_us IS NULL");
        var missing = db.Number("SELECT COUNT(*) FROM blob WHERE state='missing'");
        var version = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "?";
        return new HealthModel(
        [
            new("Ledger", Format.Bytes(Size(paths.Ledger)), paths.Ledger),
            new("Write-ahead log", Format.Bytes(wal), wal > LargeWal ? "Larger than it should grow: a long reader may hold it back." : "Folded into the ledger as it grows.", wal > LargeWal ? "warn" : ""),
            new("Schema", db.Number("PRAGMA user_version").ToString(), $"This program knows {LedgerDb.Schema}."),
            new("Free disk space", Format.Bytes(new DriveInfo(paths.Root).AvailableFreeSpace), paths.Root),
            new("Attempts running", Format.Count(db.Number("SELECT COUNT(*) FROM attempt WHERE state='running'"))),
            new("Requests waiting", Format.Count(requests), requests > 0 ? "Asked of the process that holds the home, not yet taken up." : ""),
            new("Fenced writes", Format.Count(fenced), fenced > 0 ? "Late writes of replaced attempts, refused (last 10,000 events)." : "No replaced attempt tried to write."),
            new("Damaged files", Format.Count(missing), missing > 0 ? "Found by a check, taken out of the store; what they belong to is computed again when needed." : "None found so far; workflow verify looks at every byte.", missing > 0 ? "bad" : "good"),
            .. sinks.Select(s => new HealthFigure($"Sink {s.Name}", s.Lag == 0 ? "told" : $"{Format.Count(s.Lag)} behind", s.Error ?? $"{s.Target}; {Format.Count(s.Sent)} sent.", s.Tries > 0 ? "bad" : s.Skipped > 0 ? "warn" : "")),
            new("SQLite", db.Text("SELECT sqlite_version()") ?? "?"),
            new(".NET", Environment.Version.ToString()),
            new("Workflow", version),
        ],
        db.Query("SELECT role, host, pid, queues, started_us, seen_us FROM worker WHERE ended_us IS NULL ORDER BY started_us DESC LIMIT 50",
            r => new WorkerRow(r.Text(0), r.Text(1), r.Number(2), r.Text(3), LedgerTime.FromMicros(r.Number(4)), LedgerTime.FromMicros(r.Number(5)))));
    }

    static long Size(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}
