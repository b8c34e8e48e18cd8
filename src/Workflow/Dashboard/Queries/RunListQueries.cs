using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.Queries;

/// <summary>What a list of runs is filtered by.</summary>
/// <param name="State">A state, or empty for all.</param>
/// <param name="Text">Part of the job's name, of the id or of the error; empty for all.</param>
/// <param name="Page">Page, from 1.</param>
/// <param name="Size">Rows per page.</param>
public sealed record RunFilter(string State = "", string Text = "", int Page = 1, int Size = 20);

/// <summary>Reads for lists of runs, newest first; they walk an index and stop at the page's end.</summary>
static class RunListQueries
{
    const string Columns = """
        SELECT r.run_id, r.pipeline, r.state, r.trigger_kind, r.requested_by, r.created_us, r.started_us, r.ended_us,
          (SELECT COUNT(*) FROM node n WHERE n.run_id=r.run_id AND n.state IN('succeeded','reused')),
          (SELECT COUNT(*) FROM node n WHERE n.run_id=r.run_id AND n.state='reused'),
          (SELECT COUNT(*) FROM node n WHERE n.run_id=r.run_id), r.error_text, w.pid, w.pid_start, w.boot_id, w.host, w.ended_us
        FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id
        """;

    /// <summary>Runs by state; a run whose executor died counts as interrupted.</summary>
    public static SortedDictionary<string, long> Counts(LedgerConnection db)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (state, count) in db.Query("SELECT state, COUNT(*) FROM run GROUP BY state", r => (r.Text(0), r.Number(1))))
        {
            counts[state] = count;
        }

        var dead = Running(db).Count(r => r.State == "interrupted");
        if (dead > 0)
        {
            counts["running"] -= dead;
            counts["interrupted"] = counts.GetValueOrDefault("interrupted") + dead;
        }

        return counts;
    }

    /// <summary>Runs that the ledger holds for running: some may turn out interrupted.</summary>
    public static List<RunRow> Running(LedgerConnection db) => db.Query($"{Columns} WHERE r.state='running' ORDER BY r.created_us DESC, r.run_id DESC", Map);

    /// <summary>A page of runs, and whether there are more.</summary>
    public static (List<RunRow> Rows, bool More) Page(LedgerConnection db, RunFilter filter)
    {
        var stored = filter.State is "interrupted" or "running" ? "live" : filter.State;
        var rows = db.Query($"""
            {Columns} WHERE (?1='' OR r.state=?1 OR (?1='live' AND r.state IN('running','interrupted')))
              AND (?2='' OR instr(lower(r.pipeline), ?2) > 0 OR instr(r.run_id, ?2) > 0 OR instr(lower(COALESCE(r.error_text,'')), ?2) > 0)
            ORDER BY r.created_us DESC, r.run_id DESC LIMIT ?3 OFFSET ?4
            """, Map, stored, filter.Text.ToLowerInvariant(), filter.Size + 1, (filter.Page - 1) * filter.Size);
        var more = rows.Count > filter.Size;
        return (rows.Take(filter.Size).Where(r => stored != "live" || r.State == filter.State).ToList(), more);
    }

    /// <summary>One run, or null.</summary>
    public static RunRow? One(LedgerConnection db, string run) => db.First($"{Columns} WHERE r.run_id=?1", Map, run);

    static RunRow Map(Row r)
    {
        var state = r.Text(2);
        if (state == "running" && r.NumberOrNull(12) is { } pid && (r.NumberOrNull(16) is not null || ProcessIdentity.IsDead(r.Text(15), pid, r.Number(13), r.Text(14))))
        {
            state = "interrupted";
        }

        return new RunRow(r.Text(0), r.Text(1), state, r.Text(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7),
            (int)r.Number(8), (int)r.Number(9), (int)r.Number(10), r.TextOrNull(11));
    }
}
