using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>A sink as operators see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Lag">Events of the history it has not passed yet.</param>
/// <param name="Oldest">Time of the oldest of them; null where there is none.</param>
/// <param name="Sent">Messages delivered.</param>
/// <param name="Skipped">Messages passed over because their receiver refused them.</param>
/// <param name="Tries">Failed tries of the next message; 0 where it is not failing.</param>
/// <param name="Error">What went wrong last, or null.</param>
public sealed record SinkStatus(string Name, string Kind, string Target, long Lag, DateTimeOffset? Oldest, long Sent, long Skipped, long Tries, string? Error)
{
    /// <summary>The configured sinks by name.</summary>
    public static IReadOnlyList<SinkStatus> All(LedgerConnection db) => db.Query("""
        SELECT name, kind, target, MAX(0, (SELECT COALESCE(MAX(seq), 0) FROM event) - cursor_seq), (SELECT ts_us FROM event WHERE seq=cursor_seq+1), sent_count, skip_count, tries, last_error
        FROM sink WHERE retired_us IS NULL ORDER BY name
        """, r => new SinkStatus(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.TimeOrNull(4), r.Number(5), r.Number(6), r.Number(7), r.TextOrNull(8)));
}
