using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.AuditPages;

/// <summary>Reads of the audit, newest first; they walk an index and stop at the page's end.</summary>
static class AuditQueries
{
    const int MostNames = 200;

    /// <summary>A page, and the cursor of the next one or null.</summary>
    public static (List<AuditRow> Rows, string? Next) Page(LedgerConnection db, AuditFilter filter)
    {
        var (sql, arguments) = Statement(db, filter);
        var rows = db.Query(sql, r => new AuditRow(r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.Text(2), r.Text(3), r.Text(4), r.TextOrNull(5), r.TextOrNull(6)), arguments);
        if (rows.Count <= filter.Size)
        {
            return (rows, null);
        }

        rows.RemoveAt(filter.Size);
        return (rows, Cursor.Of(rows[^1].Seq));
    }

    /// <summary>The statement of a page.</summary>
    public static (string Sql, object?[] Arguments) Statement(LedgerConnection db, AuditFilter filter)
    {
        // Lines are written in the order of time, so a time is a place in their numbers: found by halving, with no index of its own.
        var from = filter.Since is { } since ? FirstAt(db, since.Micros()) : 0;
        var below = filter.Until is { } until ? FirstAt(db, until.Micros()) : long.MaxValue;
        var after = Cursor.Read(filter.After, "n") is [long seq] ? Math.Min(seq, below) : below;
        var arguments = new List<object?> { from, after, filter.Size + 1 };
        var conditions = "";
        foreach (var (column, value) in new[] { ("actor", filter.Actor), ("action", filter.Action), ("target", filter.Target) })
        {
            if (value.Length > 0)
            {
                arguments.Add(value);
                conditions += $" AND {column}=?{arguments.Count}";
            }
        }

        return ($"SELECT seq, ts_us, actor, action, target, reason, before_json FROM audit WHERE seq>=?1 AND seq<?2{conditions} ORDER BY seq DESC LIMIT ?3", [.. arguments]);
    }

    /// <summary>What was ever done, for choosing.</summary>
    public static List<string> Actions(LedgerConnection db) => Distinct(db, "action");

    /// <summary>Who ever acted, for choosing; the first of them by name.</summary>
    public static List<string> Actors(LedgerConnection db) => Distinct(db, "actor");

    // Jumps from value to value in the column's index.
    static List<string> Distinct(LedgerConnection db, string column) => db.Query(
        $"WITH RECURSIVE v(x) AS (SELECT MIN({column}) FROM audit UNION ALL SELECT (SELECT MIN({column}) FROM audit WHERE {column}>v.x) FROM v WHERE v.x IS NOT NULL LIMIT {MostNames}) SELECT x FROM v WHERE x IS NOT NULL",
        r => r.Text(0));

    /// <summary>Number of the first line that is not before a time; one more than the last where there is none.</summary>
    static long FirstAt(LedgerConnection db, long time)
    {
        var (low, high) = (0L, db.Number("SELECT COALESCE(MAX(seq), 0) FROM audit") + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var at = db.First("SELECT seq, ts_us FROM audit WHERE seq>=?1 ORDER BY seq LIMIT 1", r => ((long Seq, long Time)?)(r.Number(0), r.Number(1)), middle);
            if (at is null || at.Value.Time >= time)
            {
                high = middle;
            }
            else
            {
                low = at.Value.Seq + 1;
            }
        }

        return low;
    }
}
