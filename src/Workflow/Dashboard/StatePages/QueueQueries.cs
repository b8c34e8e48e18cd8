using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.StatePages;

/// <summary>Why nothing new of a queue starts.</summary>
/// <param name="Queue">Slot class.</param>
/// <param name="By">Who paused it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">When.</param>
/// <param name="Until">When that ends by itself, or null.</param>
public sealed record QueuePause(string Queue, string By, string Reason, DateTimeOffset Since, DateTimeOffset? Until);

/// <summary>A queue: the slot class that jobs wait for.</summary>
/// <param name="Name">Slot class.</param>
/// <param name="Length">Jobs that could start now.</param>
/// <param name="Fetched">Jobs that run.</param>
/// <param name="Slots">How many may run at once on the hosts of this home; 0 where no host offers it.</param>
/// <param name="Pause">Why nothing new starts, or null.</param>
/// <param name="Next">The jobs that come first.</param>
public sealed record QueueRow(string Name, long Length, long Fetched, long Slots, QueuePause? Pause, IReadOnlyList<JobRow> Next);

/// <summary>A run that nobody has begun yet.</summary>
public sealed record WaitingRun(string Run, string Job, string By, DateTimeOffset Created);

/// <summary>Reads of queues.</summary>
static class QueueQueries
{
    const int NextJobs = 5;

    /// <summary>All queues by name.</summary>
    public static List<QueueRow> All(LedgerConnection db, DateTimeOffset now)
    {
        var pauses = Pauses(db, now);
        return Counters.QueueNames(db).Union(pauses.Select(p => p.Queue)).Order(StringComparer.Ordinal).Select(name => new QueueRow(name, Tally(db, name, "ready"), Tally(db, name, "running"),
            db.Number("SELECT COUNT(*) FROM slot WHERE slot_class=?1", name), pauses.Find(p => p.Queue == name),
            JobQueries.Page(db, JobList.Find("enqueued")!, new JobFilter(Queue: name), new Paging(null, NextJobs), now).Rows)).ToList();
    }

    /// <summary>Pauses that hold now.</summary>
    public static List<QueuePause> Pauses(LedgerConnection db, DateTimeOffset now) => db.Query("SELECT slot_class, paused_by, reason, paused_us, until_us FROM queue_pause WHERE until_us IS NULL OR until_us>?1 ORDER BY slot_class",
        r => new QueuePause(r.Text(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3)), r.TimeOrNull(4)), now.Micros());

    /// <summary>Jobs of a queue in a state.</summary>
    public static long Tally(LedgerConnection db, string queue, params IReadOnlyList<string> states) => states.Sum(s => db.Number("SELECT n FROM job_tally WHERE state=?1 AND queue=?2", s, queue));

    /// <summary>Runs that wait, those that wait longest first.</summary>
    public static List<WaitingRun> Waiting(LedgerConnection db) => db.Query("SELECT run_id, pipeline, requested_by, created_us FROM run WHERE state='queued' ORDER BY created_us, run_id LIMIT 20",
        r => new WaitingRun(r.Text(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3))));
}
