using Workflow.Dashboard.Shell;
using Workflow.Dashboard.StatePages;
using Workflow.Ledger;

namespace Workflow.Dashboard.Overview;

/// <summary>What needs a person: runs that failed in the last day or were cut off, what is paused, alarms of trainings, servers that are gone.</summary>
static class ConcernQueries
{
    const int Each = 5;

    // Alarms are looked for among these: a training tells few others.
    const int NewestEvents = 2_000;

    /// <summary>All of it, what is worst first.</summary>
    public static List<Concern> Read(LedgerConnection db, Counters counters, DateTimeOffset now)
    {
        var since = (now - TimeSpan.FromDays(1)).Micros();
        var found = new List<Concern>();
        if (counters.Servers == 0 && counters.Enqueued + counters.RunsQueued > 0)
        {
            found.Add(new Concern("bad", "No server", "/servers", "Jobs wait and no process executes them: workflow serve", null));
        }

        found.AddRange(ServerQueries.Read(db, now).Active.Where(s => s.State is "aborted" or "silent").Take(Each).Select(s => new Concern("warn", $"Server {s.Name}", "/servers",
            s.State == "aborted" ? "Its process is gone; the next server takes over what it ran." : "No heartbeat for what it runs.", s.Seen)));
        foreach (var (state, look, detail) in ((string, string, string)[])[("failed", "bad", "Failed"), ("partial", "warn", "Partitions of it failed"), ("interrupted", "warn", "Cut off: resume it and it goes on where it stopped")])
        {
            found.AddRange(db.Query("SELECT run_id, pipeline, error_text, COALESCE(ended_us, created_us) FROM run WHERE state=?1 AND created_us>?2 ORDER BY created_us DESC LIMIT ?3",
                r => new Concern(look, r.Text(1), Address.Run(r.Text(0)), r.TextOrNull(2) is { } error ? $"{detail}: {Failure.Of(error).Line}" : $"{detail}.", r.TimeOrNull(3)), state, since, Each));
        }

        found.AddRange(db.Query("""
            SELECT r.pipeline, h.run_id, h.node_id, h.ts_us, COALESCE(json_extract(h.payload, '$.text'), json_extract(h.payload, '$.name'), 'It told no more.')
            FROM (SELECT run_id, node_id, ts_us, payload, type FROM event ORDER BY seq DESC LIMIT ?3) h CROSS JOIN run r ON r.run_id=h.run_id
            WHERE h.type>='training.' AND h.type<'training/' AND h.ts_us>?1 AND json_extract(h.payload, '$.policy') IS NOT NULL ORDER BY h.ts_us DESC LIMIT ?2
            """, r => new Concern("warn", $"Alarm in {r.Text(2)} of {r.Text(0)}", Address.Node(r.Text(1), r.Text(2)), r.Text(4), r.TimeOrNull(3)), since, Each, NewestEvents));
        found.AddRange(QueueQueries.Pauses(db, now).Select(p => new Concern("warn", $"Queue {p.Queue} is paused", $"/jobs/enqueued/{Uri.EscapeDataString(p.Queue)}", $"{p.By}: {p.Reason}", p.Since)));
        found.AddRange(db.Query("SELECT schedule_key, COALESCE(paused_reason, file_paused), paused_by, paused_us FROM schedule WHERE withdrawn_us IS NULL AND (paused_us IS NOT NULL OR file_paused IS NOT NULL) ORDER BY schedule_key LIMIT ?1",
            r => new Concern("warn", $"Schedule {r.Text(0)} is paused", SchedulePages.ScheduleEndpoints.Address(r.Text(0)), $"{(r.TextOrNull(2) is { } by ? $"{by}: " : "by its job file: ")}{r.TextOrNull(1)}", r.TimeOrNull(3)), Each));
        found.AddRange(Outside.SinkStatus.All(db).Where(s => s.Tries > 0).Select(s => new Concern("warn", $"Sink {s.Name}", "/health", s.Error ?? "It cannot be reached.", s.Oldest)));
        return [.. found.OrderBy(c => c.Look == "bad" ? 0 : 1)];
    }
}
