using Workflow.Ledger;

namespace Workflow.Dashboard.HealthPages;

/// <summary>The newest stamp of the ledger beside the clock of this process. A stamp from the future tells of clocks that differ; an old one only that nothing happened since.</summary>
/// <param name="Newest">Newest stamp of an event or a heartbeat; null in an empty ledger.</param>
/// <param name="Ahead">How far it lies in the future; zero or less where it does not.</param>
/// <param name="Whose">Who wrote it.</param>
sealed record Clocks(DateTimeOffset? Newest, TimeSpan Ahead, string Whose)
{
    /// <summary>More than this is told on every page.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>Looks at the newest event and at the heartbeats of those that execute.</summary>
    public static Clocks Read(LedgerConnection db, DateTimeOffset now)
    {
        var stamp = db.First("SELECT ts_us, type FROM event ORDER BY seq DESC LIMIT 1", r => (Time: r.TimeOrNull(0), Whose: $"the event {r.Text(1)}"));
        var beat = db.First("""
            SELECT MAX(seen_us), host, pid FROM (SELECT seen_us, host, pid FROM worker WHERE ended_us IS NULL ORDER BY started_us DESC, worker_id LIMIT 200)
            """, r => (Time: r.TimeOrNull(0), Whose: $"{r.TextOrNull(1)}:{r.NumberOrNull(2)}"));
        var (newest, whose) = beat.Time > (stamp.Time ?? DateTimeOffset.MinValue) ? beat : stamp;
        return new Clocks(newest, newest is { } time ? time - now : TimeSpan.Zero, whose ?? "");
    }
}
