using Workflow.Artifacts;
using Workflow.Dashboard.StatePages;
using Workflow.Ledger;
using Workflow.Outside;
using Workflow.Outside.Health;

namespace Workflow.Dashboard.HealthPages;

/// <summary>Reads for the health page: sizes of files, tallies, ends of indexes, and the newest stretch of history; never a whole table.</summary>
static class HealthQueries
{
    const long LargeWal = 64L << 20;
    const int Newest = 10_000;
    static readonly TimeSpan SlowRequest = TimeSpan.FromSeconds(30);
    static readonly TimeSpan SlowSink = TimeSpan.FromMinutes(5);

    /// <summary>The state of the home and its ledger.</summary>
    public static HealthModel Read(LedgerConnection db, HomePaths paths, DateTimeOffset now) => new(
    [
        new HealthSection("Ledger and disk", [Ledger(paths), Wal(paths), Schema(db), Disk(paths), Search(db)]),
        new HealthSection("Processes and clocks", [Servers(db, now), Clock(db, now), Requests(db, now), .. History(db)]),
        new HealthSection("Files", [Damaged(db), Unreachable(db)]),
        new HealthSection("Told to the outside", [.. Sinks(db, now)]),
    ], [("Workflow", ProgramVersion.Text), ("SQLite", db.Text("SELECT sqlite_version()") ?? "?"), (".NET", Environment.Version.ToString())]);

    static HealthFigure Ledger(HomePaths paths) => new("Ledger", Format.Bytes(Size(paths.Ledger)), "", $"{paths.Ledger}.", "It grows with history: about 1.5 KiB for each job that ran.");

    static HealthFigure Wal(HomePaths paths)
    {
        var size = Size(paths.Ledger + "-wal");
        return new HealthFigure("Write-ahead log", Format.Bytes(size), size > LargeWal ? "warn" : "good", "Folded into the ledger as it grows.", $"Below {Format.Bytes(LargeWal)}.",
            size > LargeWal ? "A long reader may hold it back: end programs that keep the ledger open; workflow serve folds it when it starts." : "");
    }

    static HealthFigure Schema(LedgerConnection db)
    {
        var found = db.Number("PRAGMA user_version");
        return new HealthFigure("Schema", found.ToString(), found == LedgerDb.Schema ? "good" : "bad", $"This program knows {LedgerDb.Schema}.", "Both are the same.",
            found == LedgerDb.Schema ? "" : "Another version of the program has opened this home: start this dashboard anew with that version.");
    }

    static HealthFigure Disk(HomePaths paths)
    {
        var free = new DriveInfo(paths.Root).AvailableFreeSpace;
        return new HealthFigure("Free disk space", Format.Bytes(free), free < HealthChecks.LeastFree ? "bad" : free < 4 * HealthChecks.LeastFree ? "warn" : "good", $"On the disk of {paths.Root}.",
            $"At least {Format.Bytes(4 * HealthChecks.LeastFree)}; below {Format.Bytes(HealthChecks.LeastFree)} no work is taken.", free < 4 * HealthChecks.LeastFree ? "Free some: workflow gc --dry-run tells what would go." : "");
    }

    // What was written last must be found by a word of it; the whole index is checked by SQLite's own integrity-check, which reads all of it.
    static HealthFigure Search(LedgerConnection db)
    {
        var (id, scope) = db.First("SELECT doc_id, scope FROM search_doc ORDER BY doc_id DESC LIMIT 1", r => (r.Number(0), r.Text(1)));
        var found = scope is null || db.Number("SELECT COUNT(*) FROM search_text WHERE search_text MATCH ?1 AND rowid=?2", $"scope:{scope}", id) == 1;
        return new HealthFigure("Search index", scope is null ? "empty" : found ? "answers" : "lags", found ? "good" : "bad", scope is null ? "Nothing to find yet." : "The newest text is looked for with each look.", "The newest text is found.",
            found ? "" : $"Stop what serves the home and run: sqlite3 ledger.db \"INSERT INTO search_text(search_text) VALUES('rebuild')\"");
    }

    static HealthFigure Servers(LedgerConnection db, DateTimeOffset now)
    {
        var servers = ServerQueries.Read(db, now).Active;
        var gone = servers.Count(s => s.State is "aborted" or "silent");
        var alive = servers.Count - gone;
        return new HealthFigure("Servers", Format.Count(alive), gone > 0 || alive == 0 ? "warn" : "good", gone > 0 ? $"{Format.Count(gone)} more look aborted." : alive == 0 ? "None is registered: jobs will not be processed." : "All answer.",
            "At least one, and none that looks aborted.", alive == 0 ? "Start one: workflow serve" : gone > 0 ? "See the page Servers; the next start takes over what they ran." : "");
    }

    static HealthFigure Clock(LedgerConnection db, DateTimeOffset now)
    {
        var clocks = Clocks.Read(db, now);
        var differ = clocks.Ahead > Clocks.Most;
        return new HealthFigure("Clock skew", clocks.Newest is null ? "–" : clocks.Ahead > TimeSpan.FromSeconds(1) ? $"{Format.Duration(clocks.Ahead)} ahead" : "none seen", differ ? "bad" : "good",
            clocks.Newest is { } newest ? $"Newest stamp {Format.Time(newest)} UTC, of {clocks.Whose}." : "Nothing has been stamped yet.", $"No stamp lies more than {Clocks.Most.TotalSeconds} s in the future.",
            differ ? "Set the clocks of the hosts by one source (timedatectl set-ntp true). Times on pages mislead until then; no decision of the ledger rests on them." : "");
    }

    static HealthFigure Requests(LedgerConnection db, DateTimeOffset now)
    {
        var (oldest, kind) = db.First("SELECT created_us, kind FROM request WHERE done_us IS NULL ORDER BY created_us LIMIT 1", r => (r.TimeOrNull(0), r.Text(1)));
        var slow = oldest is { } time && now - time > SlowRequest;
        return new HealthFigure("Oldest unanswered request", oldest is { } asked ? Format.Duration(now - asked) : "none", slow ? "warn" : "good", oldest is null ? "All that was asked for was taken up." : $"Somebody asked for: {kind}.",
            "Taken up within seconds where a process serves the home.", slow ? "Start workflow serve, or look whether it hangs: /healthz/live of its address." : "");
    }

    static IEnumerable<HealthFigure> History(LedgerConnection db)
    {
        var counts = db.Query($"SELECT type, COUNT(*), MAX(ts_us) FROM (SELECT type, ts_us FROM event ORDER BY seq DESC LIMIT {Newest}) WHERE type='node.fenced' OR type='node.lost' OR type='run.interrupted' GROUP BY type",
            r => (Type: r.Text(0), Count: r.Number(1), Last: LedgerTime.FromMicros(r.Number(2)))).ToDictionary(r => r.Type, StringComparer.Ordinal);
        yield return Figure("Fenced and stale writes", "node.fenced", "Late writes of attempts that had been replaced; the ledger refused each.", "None; a few after a machine slept or stood still.", "Look for hosts that pause: swapping, suspended or overloaded machines.");
        yield return Figure("Lost attempts", "node.lost", "Attempts whose process ended or fell silent; their nodes went to another.", "None, but for restarts.", "See Servers for hosts that end; a node that is lost 20 times fails.");
        yield return Figure("Interrupted runs", "run.interrupted", "Runs whose executor died.", "None, but for restarts.", "Resume them: workflow resume RUN");

        HealthFigure Figure(string name, string type, string some, string normal, string todo) => counts.TryGetValue(type, out var found)
            ? new HealthFigure(name, Format.Count(found.Count), "warn", $"{some} Last {Format.Time(found.Last)} UTC, of the newest {Format.Count(Newest)} events.", normal, todo)
            : new HealthFigure(name, "0", "good", $"None in the newest {Format.Count(Newest)} events.", normal);
    }

    static HealthFigure Damaged(LedgerConnection db)
    {
        var missing = db.Number("SELECT n FROM blob_tally WHERE state='missing'");
        var checkedAt = db.First("SELECT verified_us FROM blob WHERE state='missing' ORDER BY verified_us DESC LIMIT 1", r => r.TimeOrNull(0));
        return new HealthFigure("Damaged files", Format.Count(missing), missing > 0 ? "bad" : "good",
            missing > 0 ? $"Found by a check{(checkedAt is { } at ? $", last {Format.Time(at)} UTC" : "")}, and taken out of the store; what they belong to is computed again when needed." : "None found so far.", "None; workflow verify reads every byte and tells.",
            missing > 0 ? "Look at the disk (smartctl -a), then resume the runs concerned." : "");
    }

    static HealthFigure Unreachable(LedgerConnection db)
    {
        var (files, bytes) = db.First("SELECT n, bytes FROM blob_tally WHERE state='doomed'", r => (r.Number(0), r.Number(1)));
        var last = db.First("SELECT doomed_us FROM blob WHERE state='doomed' ORDER BY doomed_us DESC LIMIT 1", r => r.TimeOrNull(0));
        var deleted = db.Number("SELECT n FROM blob_tally WHERE state='deleted'");
        return new HealthFigure("Last garbage collection", last is { } time ? Format.Time(time) : deleted > 0 ? "all removed" : "none yet", "", $"{Format.Count(files)} files ({Format.Bytes(bytes)}) are marked to go, {Format.Count(deleted)} have gone.",
            "Now and then, as the disk asks for it.", files > 0 ? "workflow gc removes what was marked a day ago." : "");
    }

    static IEnumerable<HealthFigure> Sinks(LedgerConnection db, DateTimeOffset now)
    {
        var sinks = SinkStatus.All(db);
        foreach (var sink in sinks)
        {
            var age = sink.Lag > 0 && sink.Oldest is { } oldest ? now - oldest : TimeSpan.Zero;
            yield return new HealthFigure($"Sink {sink.Name}", sink.Lag == 0 ? "told" : $"{Format.Count(sink.Lag)} behind", sink.Tries > 0 ? "bad" : age > SlowSink || sink.Skipped > 0 ? "warn" : "good",
                $"{sink.Target}; {Format.Count(sink.Sent)} sent{(sink.Skipped > 0 ? $", {Format.Count(sink.Skipped)} passed over" : "")}{(sink.Lag > 0 ? $"; the oldest waits for {Format.Duration(age)}" : "")}.{(sink.Error is { } error ? $" Last fault: {error}" : "")}",
                "Told within seconds.", sink.Tries > 0 ? $"Its receiver does not answer ({Format.Count(sink.Tries)} tries): look whether it runs and its address is right." : "");
        }

        if (sinks.Count == 0)
        {
            yield return new HealthFigure("Sinks", "none", "", "No history is told to another program.", "None, or each told within seconds.");
        }
    }

    static long Size(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}
