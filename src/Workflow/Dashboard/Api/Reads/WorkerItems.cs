using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Processes that execute.</summary>
static class WorkerItems
{
    /// <summary>How long one may be silent before that is said.</summary>
    static readonly TimeSpan silence = TimeSpan.FromMinutes(1);

    /// <summary>Those that have not said goodbye, newest first; 200 at most.</summary>
    public static IReadOnlyList<WorkerItem> Read(LedgerDb ledger, DateTimeOffset now) => ledger.Read(db =>
    {
        var hands = db.Query("SELECT worker_id, COUNT(*) FROM attempt WHERE state='running' GROUP BY worker_id", r => (r.Text(0), r.Number(1))).ToDictionary(StringComparer.Ordinal);
        return db.Query("SELECT worker_id, role, host, pid, queues, started_us, seen_us, pid_start, boot_id FROM worker WHERE ended_us IS NULL ORDER BY started_us DESC LIMIT 200", r =>
        {
            var seen = LedgerTime.FromMicros(r.Number(6));
            var state = ProcessIdentity.IsDead(r.Text(2), r.Number(3), r.Number(7), r.Text(8)) ? "dead" : now - seen > silence ? "silent" : "alive";
            return new WorkerItem(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.Text(4).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), state,
                LedgerTime.FromMicros(r.Number(5)), seen, hands.GetValueOrDefault(r.Text(0)));
        });
    });
}
