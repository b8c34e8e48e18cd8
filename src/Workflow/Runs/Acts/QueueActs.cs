using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>What people ask of queues: each act is one transaction with its line in the audit, whether somebody serves or not.</summary>
/// <param name="ledger">The ledger, opened for writing.</param>
sealed class QueueActs(LedgerDb ledger)
{
    /// <summary>Lets nothing new of a queue start.</summary>
    /// <exception cref="WorkflowException">There is no such queue, no reason, or the end is not in the future.</exception>
    public QueueRow Pause(string queue, string actor, string reason, DateTimeOffset? until) => Change(queue, actor, "queue.pause", reason, (db, _, now) =>
    {
        var why = Audit.Required(reason, "A pause");
        if (until is { } end && end <= now)
        {
            throw new WorkflowException($"Found a pause until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; expected a time after now, {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.", exitCode: 2);
        }

        db.Execute("""
            INSERT INTO queue_pause(slot_class, paused_us, paused_by, reason, until_us) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(slot_class) DO UPDATE SET paused_by=excluded.paused_by, reason=excluded.reason, until_us=excluded.until_us
            """, queue, now.Micros(), actor, why, until?.Micros());
    });

    /// <summary>Ends the pause of a queue.</summary>
    /// <exception cref="WorkflowException">It is not paused.</exception>
    public QueueRow Resume(string queue, string actor, string? reason) => Change(queue, actor, "queue.resume", reason, (db, row, _) =>
    {
        if (row.PausedAt is null)
        {
            throw new WorkflowException($"The queue {queue} is not paused.");
        }

        db.Execute("DELETE FROM queue_pause WHERE slot_class=?1", queue);
    });

    QueueRow Change(string queue, string actor, string action, string? reason, Action<LedgerConnection, QueueRow, DateTimeOffset> change) => ledger.Write(db =>
    {
        var now = ledger.Time.GetUtcNow();
        var row = Find(db, queue, now);
        change(db, row, now);
        Audit.Add(db, now.Micros(), actor, action, queue, reason, new { state = row.State, reason = row.Reason, until = row.Until });
        return Find(db, queue, now);
    });

    static QueueRow Find(LedgerConnection db, string queue, DateTimeOffset now)
    {
        var rows = QueueRow.All(db, now);
        var names = rows.ConvertAll(r => r.Name);
        return rows.Find(r => r.Name == queue) ?? throw new WorkflowException($"No queue '{queue}' in this home{NearestName.Hint(queue, names)}", exitCode: 2);
    }
}
