using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>A queue: the slot class that nodes wait for.</summary>
/// <param name="Name">cpu, gpu, or another class of a host.</param>
/// <param name="Slots">Nodes that may run at once.</param>
/// <param name="Busy">Slots that are taken.</param>
/// <param name="Ready">Nodes that could start now.</param>
/// <param name="PausedAt">Since when it is paused, or null.</param>
/// <param name="PausedBy">Who paused it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">When that ends by itself, or null.</param>
public sealed record QueueRow(string Name, long Slots, long Busy, long Ready, DateTimeOffset? PausedAt, string? PausedBy, string? Reason, DateTimeOffset? Until)
{
    /// <summary>paused or open.</summary>
    public string State => PausedAt is null ? "open" : "paused";

    /// <summary>All queues of a home by name; cpu and gpu always.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="now">The time: a pause whose end has come does not count.</param>
    public static List<QueueRow> All(LedgerConnection db, DateTimeOffset now) => db.Query("""
        WITH q(name) AS (VALUES ('cpu'), ('gpu') UNION SELECT slot_class FROM slot UNION SELECT slot_class FROM queue_pause)
        SELECT q.name, (SELECT COUNT(*) FROM slot s WHERE s.slot_class=q.name), (SELECT COUNT(*) FROM slot s WHERE s.slot_class=q.name AND s.attempt_id IS NOT NULL),
          (SELECT COUNT(*) FROM node n WHERE n.state='ready' AND n.slot_class=q.name), p.paused_us, p.paused_by, p.reason, p.until_us
        FROM q LEFT JOIN queue_pause p ON p.slot_class=q.name AND (p.until_us IS NULL OR p.until_us>?1) ORDER BY q.name
        """, r => new QueueRow(r.Text(0), r.Number(1), r.Number(2), r.Number(3), r.TimeOrNull(4), r.TextOrNull(5), r.TextOrNull(6), r.TimeOrNull(7)), now.Micros());
}
