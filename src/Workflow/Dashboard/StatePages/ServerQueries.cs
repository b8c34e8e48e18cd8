using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.StatePages;

/// <summary>A process that executes jobs, or did.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Role">serve, run, worker.</param>
/// <param name="Host">Machine.</param>
/// <param name="Pid">Process.</param>
/// <param name="Queues">Slot classes that it serves.</param>
/// <param name="Started">Its start.</param>
/// <param name="Seen">Its last heartbeat.</param>
/// <param name="Ended">Its end, or null.</param>
/// <param name="State">ok, aborted (its process is proven dead), silent (jobs of it run, and no heartbeat came), idle (another host's, and it has nothing to tell).</param>
/// <param name="Running">What it runs now.</param>
/// <param name="Attempts">How many it runs now.</param>
public sealed record ServerRow(string Id, string Role, string Host, long Pid, string Queues, DateTimeOffset Started, DateTimeOffset Seen, DateTimeOffset? Ended, string State, IReadOnlyList<(string Run, string Node)> Running, long Attempts)
{
    /// <summary>Its name.</summary>
    public string Name => $"{Host}:{Pid}";
}

/// <summary>Slots of a class.</summary>
public sealed record SlotClass(string Name, long Count, long Taken);

/// <summary>Processes of a home.</summary>
/// <param name="Active">Those that have not ended.</param>
/// <param name="Ended">The last that did.</param>
/// <param name="Slots">What may run at once.</param>
public sealed record ServersModel(IReadOnlyList<ServerRow> Active, IReadOnlyList<ServerRow> Ended, IReadOnlyList<SlotClass> Slots);

/// <summary>Reads of processes.</summary>
static class ServerQueries
{
    const int Most = 200;
    const int Shown = 5;

    /// <summary>The processes of a home, newest first.</summary>
    public static ServersModel Read(LedgerConnection db, DateTimeOffset now)
    {
        var running = db.Query("SELECT worker_id, run_id, node_id, COALESCE(seen_us, started_us) FROM attempt WHERE state='running' LIMIT 10000",
            r => (Worker: r.Text(0), Run: r.Text(1), Node: r.Text(2), Seen: LedgerTime.FromMicros(r.Number(3)))).ToLookup(r => r.Worker, StringComparer.Ordinal);
        ServerRow Map(Row r)
        {
            var (id, host, pid, seen, ended) = (r.Text(0), r.Text(2), r.Number(3), LedgerTime.FromMicros(r.Number(6)), r.TimeOrNull(7));
            var work = running[id].ToList();
            var heard = work.Select(w => w.Seen).Append(seen).Max();
            var state = ended is not null ? "ended" : ProcessIdentity.IsDead(host, pid, r.Number(8), r.Text(9)) ? "aborted" : host == ProcessIdentity.Current.Host ? "ok"
                : now - heard <= JobAttempt.Stale ? "ok" : work.Count > 0 ? "silent" : "idle";
            return new ServerRow(id, r.Text(1), host, pid, r.Text(4), LedgerTime.FromMicros(r.Number(5)), heard, ended, state, [.. work.Take(Shown).Select(w => (w.Run, w.Node))], work.Count);
        }

        const string columns = "SELECT worker_id, role, host, pid, queues, started_us, seen_us, ended_us, pid_start, boot_id FROM worker";
        return new ServersModel(db.Query($"{columns} WHERE ended_us IS NULL ORDER BY started_us DESC, worker_id LIMIT ?1", Map, Most),
            db.Query($"{columns} ORDER BY started_us DESC, worker_id LIMIT 30", Map).Where(w => w.Ended is not null).Take(10).ToList(),
            db.Query("SELECT slot_class, COUNT(*), COUNT(attempt_id) FROM slot GROUP BY slot_class ORDER BY slot_class", r => new SlotClass(r.Text(0), r.Number(1), r.Number(2))));
    }
}
