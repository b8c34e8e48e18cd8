using Workflow.Ledger;

namespace Workflow.Dashboard.StatePages;

/// <summary>A row of the ledger and its place in a list's order.</summary>
/// <param name="Id">Row id of the node.</param>
/// <param name="Place">What a cursor holds.</param>
sealed record JobKey(long Id, object[] Place);

/// <summary>Reads the places of a list's rows behind a cursor, each list by the index that has its order; nothing else of the rows is looked at.</summary>
static class JobKeys
{
    /// <summary>Sorts behind every id.</summary>
    const string Last = "\U0010FFFF";

    const int MostRunning = 10_000;

    /// <summary>What the values of a list's cursor are, see <see cref="Shell.Cursor.Read"/>.</summary>
    public static string Types(JobOrder order) => order switch
    {
        JobOrder.Ended => "ntt",
        JobOrder.Queue => "nntn",
        JobOrder.Retry => "nn",
        JobOrder.Waiting => "tt",
        _ => "nt",
    };

    /// <summary>The next rows.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="list">The list.</param>
    /// <param name="queue">Slot class; the order of a queue needs one, running ones take it where it is given.</param>
    /// <param name="after">The place they are behind, or null for the start.</param>
    /// <param name="before">For those that have ended: only what ended before this, in microseconds.</param>
    /// <param name="limit">So many at most.</param>
    public static List<JobKey> Read(LedgerConnection db, JobList list, string queue, object[]? after, long before, int limit) => list.Order switch
    {
        JobOrder.Ended => db.Query(Ended(list.States), r => new JobKey(r.Number(0), [r.Number(1), r.Text(2), r.Text(3)]), after?[0] ?? before, after?[1] ?? Last, after?[2] ?? Last, limit),
        JobOrder.Queue => db.Query("""
            SELECT rowid, rank_us, ordinal, node_id FROM node WHERE state='ready' AND slot_class=?1 AND (rank_us, ordinal, node_id, rowid)>(?2, ?3, ?4, ?5) ORDER BY rank_us, ordinal, node_id, rowid LIMIT ?6
            """, r => new JobKey(r.Number(0), [r.Number(1), r.Number(2), r.Text(3), r.Number(0)]), queue, after?[0] ?? long.MinValue, after?[1] ?? long.MinValue, after?[2] ?? "", after?[3] ?? 0L, limit),
        JobOrder.Retry => db.Query("SELECT rowid, eligible_us FROM node WHERE state='retry_wait' AND (eligible_us, rowid)>(?1, ?2) ORDER BY eligible_us, rowid LIMIT ?3",
            r => new JobKey(r.Number(0), [r.Number(1), r.Number(0)]), after?[0] ?? long.MinValue, after?[1] ?? 0L, limit),
        JobOrder.Waiting => db.Query("""
            SELECT * FROM (SELECT rowid, run_id, node_id FROM node WHERE state='waiting' AND run_id=?1 AND node_id>?2 ORDER BY node_id LIMIT ?3)
            UNION ALL SELECT * FROM (SELECT rowid, run_id, node_id FROM node WHERE state='waiting' AND run_id<?1 ORDER BY run_id DESC, node_id LIMIT ?3) ORDER BY 2 DESC, 3 LIMIT ?3
            """, r => new JobKey(r.Number(0), [r.Text(1), r.Text(2)]), after?[0] ?? Last, after?[1] ?? Last, limit),

        // As many as there are slots: read whole and put in order.
        _ => db.Query("""
            SELECT n.rowid, a.started_us, a.attempt_id FROM (SELECT attempt_id, run_id, node_id, started_us FROM attempt WHERE state='running' LIMIT ?5) a CROSS JOIN node n ON n.run_id=a.run_id AND n.node_id=a.node_id
            WHERE (?1='' OR n.slot_class=?1) AND (a.started_us, a.attempt_id)<(?2, ?3) ORDER BY a.started_us DESC, a.attempt_id DESC LIMIT ?4
            """, r => new JobKey(r.Number(0), [r.Number(1), r.Text(2)]), queue, after?[0] ?? long.MaxValue, after?[1] ?? Last, limit, MostRunning),
    };

    // Many end in one instant, as when a run is cancelled: those of the cursor's instant and those before it are two stretches of the index, each read from where it goes on.
    static string Ended(IReadOnlyList<string> states) => string.Join("\nUNION ALL ", states.Select(s => $"""
        SELECT * FROM (SELECT rowid, ended_us, run_id, node_id FROM node WHERE state='{s}' AND ended_us IS NOT NULL AND ended_us=?1 AND (run_id, node_id)>(?2, ?3) ORDER BY run_id, node_id LIMIT ?4)
        UNION ALL SELECT * FROM (SELECT rowid, ended_us, run_id, node_id FROM node WHERE state='{s}' AND ended_us IS NOT NULL AND ended_us<?1 ORDER BY ended_us DESC, run_id, node_id LIMIT ?4)
        """)) + "\nORDER BY 2 DESC, 3, 4 LIMIT ?4";
}
