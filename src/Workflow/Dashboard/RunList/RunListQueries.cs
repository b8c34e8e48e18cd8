using System.Runtime.InteropServices;
using Workflow.Dashboard.SearchPages;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.RunList;

/// <summary>Reads for lists of runs, newest first; they walk an index and stop at the page's end.</summary>
static class RunListQueries
{
    const string Columns = """
        SELECT r.run_id, r.pipeline, r.state, r.trigger_kind, r.requested_by, r.created_us, r.started_us, r.ended_us,
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id AND n.state IN('succeeded','reused')),
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id AND n.state='reused'),
          (SELECT COALESCE(SUM(n), 0) FROM node_tally n WHERE n.run_id=r.run_id), r.error_text, w.pid, w.pid_start, w.boot_id, w.host, w.ended_us
        FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id
        """;

    /// <summary>Runs by state; a run whose executor died counts as interrupted.</summary>
    public static SortedDictionary<string, long> Counts(LedgerConnection db)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (state, count) in db.Query("SELECT state, n FROM run_tally WHERE n>0", r => (r.Text(0), r.Number(1))))
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
    public static List<RunRow> Running(LedgerConnection db) => db.Query($"{Columns} WHERE r.state='running' ORDER BY r.created_us DESC, r.run_id DESC LIMIT 500", Map);

    /// <summary>A page of runs, and the cursor of the next one or null. Of runs that are running or interrupted a page may show fewer: which they are is asked of their process.</summary>
    public static (List<RunRow> Rows, string? Next) Page(LedgerConnection db, RunFilter filter)
    {
        var live = filter.State is "interrupted" or "running";
        var match = SearchText.Match(filter.Text, "run");
        if (filter.Text.Length > 0 && match is null)
        {
            return ([], null);
        }

        var (time, id) = Cursor.Read(filter.After, "nt") is [long t, string i] ? (t, i) : (long.MaxValue, "");
        var arguments = new List<object?> { time, id, filter.Size + 1 };
        var conditions = new List<string> { "(r.created_us, r.run_id) < (?1, ?2)" };
        switch (filter.State)
        {
            case "":
                break;
            case "interrupted":
                conditions.Add("(r.state='running' OR r.state='interrupted')");
                break;
            default:
                conditions.Add($"r.state={Argument(filter.State)}");
                break;
        }

        if (filter.Job.Length > 0)
        {
            conditions.Add($"r.pipeline={Argument(filter.Job)}");
        }

        if (filter.Trigger.Length > 0)
        {
            conditions.Add($"r.trigger_kind={Argument(filter.Trigger)}");
        }

        if (filter.By.Length > 0)
        {
            conditions.Add($"r.requested_by={Argument(filter.By)}");
        }

        if (filter.Since is { } since)
        {
            conditions.Add($"r.created_us>={Argument(since.Micros())}");
        }

        if (filter.Until is { } until)
        {
            conditions.Add($"r.created_us<{Argument(until.Micros())}");
        }

        if (match is not null)
        {
            conditions.Add($"r.run_id IN (SELECT d.ref FROM search_text CROSS JOIN search_doc d ON d.doc_id=search_text.rowid WHERE search_text MATCH {Argument(match)})");
        }

        if (filter.Param.Length > 0)
        {
            var (stage, sets) = RunOptions.Fitting(db, filter.Param);
            conditions.Add($"r.run_id IN (SELECT n.run_id FROM json_each({Argument(sets)}) p CROSS JOIN node n ON n.param_id=p.value WHERE n.kind<>'partition'{(stage.Length > 0 ? $" AND n.stage={Argument(stage)}" : "")})");
        }

        var rows = db.Query($"{Columns} WHERE {string.Join(" AND ", conditions)} ORDER BY r.created_us DESC, r.run_id DESC LIMIT ?3", Map, CollectionsMarshal.AsSpan(arguments));
        var next = rows.Count > filter.Size ? Cursor.Of(rows[filter.Size - 1].Created.Micros(), rows[filter.Size - 1].RunId) : null;
        return (rows.Take(filter.Size).Where(r => !live || r.State == filter.State).ToList(), next);

        string Argument(object value)
        {
            arguments.Add(value);
            return $"?{arguments.Count}";
        }
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
