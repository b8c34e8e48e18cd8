using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.StatePages;

/// <summary>What the dashboard counts, all from tallies.</summary>
/// <param name="Servers">Processes that execute and are not proven dead.</param>
/// <param name="Recurring">Schedules that are declared.</param>
/// <param name="Enqueued">Jobs that could start now.</param>
/// <param name="Queues">Slot classes.</param>
/// <param name="Retries">Jobs that failed and are tried again later.</param>
/// <param name="Processing">Jobs that run.</param>
/// <param name="Succeeded">Jobs that succeeded, or were reused.</param>
/// <param name="Failed">Jobs that failed.</param>
/// <param name="Deleted">Jobs that were cancelled or skipped.</param>
/// <param name="Awaiting">Jobs that wait for others.</param>
/// <param name="RunsRunning">Runs that run.</param>
/// <param name="RunsQueued">Runs that wait.</param>
public sealed record Counters(long Servers, long Recurring, long Enqueued, long Queues, long Retries, long Processing, long Succeeded, long Failed, long Deleted, long Awaiting, long RunsRunning, long RunsQueued)
{
    const int Most = 10_000;
    static readonly object Key = new();

    /// <summary>Counts now.</summary>
    internal static Counters Read(LedgerConnection db)
    {
        var jobs = db.Query("SELECT state, SUM(n) FROM job_tally GROUP BY state", r => (State: r.Text(0), Count: r.Number(1))).ToDictionary(r => r.State, r => r.Count, StringComparer.Ordinal);
        var runs = db.Query("SELECT state, n FROM run_tally", r => (State: r.Text(0), Count: r.Number(1))).ToDictionary(r => r.State, r => r.Count, StringComparer.Ordinal);
        var servers = db.Query("SELECT host, pid, pid_start, boot_id FROM worker WHERE ended_us IS NULL ORDER BY started_us DESC, worker_id LIMIT ?1", r => new ProcessIdentity(r.Text(0), r.Number(1), r.Number(2), r.Text(3)), Most);
        long Jobs(params ReadOnlySpan<string> states)
        {
            long sum = 0;
            foreach (var state in states)
            {
                sum += jobs.GetValueOrDefault(state);
            }

            return sum;
        }

        return new Counters(servers.Count(s => !s.IsDead()), db.Number("SELECT COUNT(*) FROM (SELECT 1 FROM schedule WHERE withdrawn_us IS NULL LIMIT ?1)", Most), Jobs("ready"), QueueNames(db).Count, Jobs("retry_wait"), Jobs("running"),
            Jobs("succeeded", "reused"), Jobs("failed"), Jobs("cancelled", "skipped"), Jobs("waiting"), runs.GetValueOrDefault("running"), runs.GetValueOrDefault("queued"));
    }

    /// <summary>Counts as of this request: each is read once, however often the page shows it.</summary>
    internal static Counters Of(HttpContext http, DashboardContext context)
    {
        if (http.Items.TryGetValue(Key, out var known) && known is Counters counters)
        {
            return counters;
        }

        counters = context.Ledger.Read(Read);
        http.Items[Key] = counters;
        return counters;
    }

    /// <summary>Slot classes: those that hosts of this home have slots of, and those that jobs wait for.</summary>
    internal static List<string> QueueNames(LedgerConnection db) => db.Query("SELECT slot_class FROM slot UNION SELECT queue FROM job_tally WHERE state='ready' AND n>0 UNION SELECT queue FROM job_tally WHERE state='running' AND n>0 ORDER BY 1", r => r.Text(0));
}
