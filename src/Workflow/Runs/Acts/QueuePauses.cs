using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Queues, which are slot classes, whose nodes are not claimed.</summary>
static class QueuePauses
{
    const string Now = "(until_us IS NULL OR until_us>?1)";

    /// <summary>The queues that are paused now.</summary>
    public static HashSet<string> Paused(LedgerConnection db, long now) => [.. db.Query($"SELECT slot_class FROM queue_pause WHERE {Now}", r => r.Text(0), now)];

    /// <summary>Whether a queue is paused now.</summary>
    public static bool Paused(LedgerConnection db, string queue, long now) => db.Number($"SELECT COUNT(*) FROM queue_pause WHERE slot_class=?2 AND {Now}", now, queue) == 1;

    /// <summary>Takes pauses away whose end has come, each with its line in the audit.</summary>
    public static void Expire(LedgerDb ledger)
    {
        if (ledger.Read(db => Over(db, ledger.Time.Micros()).Count) == 0)
        {
            return;
        }

        ledger.Write(db =>
        {
            var now = ledger.Time.Micros();
            foreach (var (queue, by, reason) in Over(db, now))
            {
                db.Execute("DELETE FROM queue_pause WHERE slot_class=?1", queue);
                Audit.Add(db, now, "workflow", "queue.resume", queue, $"the end of the pause by {by} has come", new { reason });
            }
        });
    }

    static List<(string Queue, string By, string Reason)> Over(LedgerConnection db, long now) =>
        db.Query("SELECT slot_class, paused_by, reason FROM queue_pause WHERE until_us<=?1", r => (r.Text(0), r.Text(1), r.Text(2)), now);
}
