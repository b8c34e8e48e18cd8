using System.Text.RegularExpressions;
using Workflow.Ledger;

namespace Bench;

/// <summary>
/// Holds statements to the rule that no page reads a growing table through: SQLite's own plan of each is read for a SCAN of such a table that nothing bounds. Bounded is one in the order that is wanted (no sorting) with a LIMIT,
/// or one of a partial index that holds few rows by its nature.
/// </summary>
static partial class DashboardPlans
{
    static readonly HashSet<string> Growing = new(StringComparer.OrdinalIgnoreCase)
    {
        "run", "node", "attempt", "attempt_log", "event", "edge", "artifact", "artifact_member", "blob", "metric_point", "metric_series", "histogram", "audit", "memo", "schedule_tick", "node_dep", "checkpoint", "request",
        "node_tally", "stage_span", "search_doc", "node_reuse", "dataset_version", "check_result", "worker",
    };

    static readonly string[] Few = ["attempt_running", "node_running", "node_retry", "request_open", "blob_missing", "blob_doomed", "worker_live", "run_unowned", "run_waiting", "run_cancel", "run_schedule_open", "schedule_tick_queued", "memo_invalid"];

    /// <summary>What is wrong with a statement's plan; empty where nothing is.</summary>
    public static IReadOnlyList<string> Faults(LedgerConnection db, string sql)
    {
        if (!sql.TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase) && !sql.TrimStart().StartsWith("WITH", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        var plan = db.Query("EXPLAIN QUERY PLAN " + sql, r => (Id: r.Number(0), Parent: r.Number(1), Text: r.Text(3)), new object?[100]);
        var names = Aliases().Matches(sql).GroupBy(m => m.Groups[2].Success ? m.Groups[2].Value : m.Groups[1].Value, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Groups[1].Value, StringComparer.OrdinalIgnoreCase);
        var bounded = sql.Contains("LIMIT", StringComparison.OrdinalIgnoreCase);
        return [.. plan.Where(step => Scan().Match(step.Text) is { Success: true } scan
            && Growing.Contains(names.GetValueOrDefault(scan.Groups[1].Value, scan.Groups[1].Value))
            && !Few.Any(f => step.Text.Contains($"INDEX {f}", StringComparison.Ordinal))
            && !(bounded && !plan.Exists(other => other.Parent == step.Parent && other.Text.StartsWith("USE TEMP B-TREE", StringComparison.Ordinal)))).Select(step => step.Text)];
    }

    [GeneratedRegex(@"^SCAN (\w+)(?! VIRTUAL)(?! CONSTANT)")]
    private static partial Regex Scan();

    [GeneratedRegex(@"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!ON\b|USING\b|WHERE\b|JOIN\b|LEFT\b|CROSS\b|ORDER\b|GROUP\b|LIMIT\b|INDEXED\b|UNION\b)(\w+))?", RegexOptions.IgnoreCase)]
    private static partial Regex Aliases();
}
