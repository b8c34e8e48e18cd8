using Workflow.Ledger;

namespace Workflow.Dashboard.StatePages;

/// <summary>Failed jobs with the same type of error.</summary>
/// <param name="Type">Type of the error; empty where no attempt left one.</param>
/// <param name="Count">How many.</param>
/// <param name="Stages">In how many stages of jobs.</param>
/// <param name="Newest">When the last of them failed.</param>
/// <param name="Sample">What the last of them said, cut.</param>
public sealed record FailureGroup(string Type, long Count, long Stages, DateTimeOffset Newest, string? Sample);

/// <summary>Groups the newest failed jobs by the type of their error.</summary>
static class FailureGroups
{
    /// <summary>Rows looked at.</summary>
    public const int Most = 10_000;

    /// <summary>The groups, the largest first.</summary>
    public static List<FailureGroup> Read(LedgerConnection db) => db.Query("""
        SELECT COALESCE(a.error_type, a.exit_kind, ''), COUNT(*), COUNT(DISTINCT n.stage), MAX(f.ended_us), substr(a.error_text, 1, 600)
        FROM (SELECT rowid, ended_us FROM node WHERE state='failed' AND ended_us IS NOT NULL ORDER BY ended_us DESC LIMIT ?1) f CROSS JOIN node n ON n.rowid=f.rowid
          LEFT JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=n.epoch
        GROUP BY 1 ORDER BY 2 DESC, 4 DESC
        """, r => new FailureGroup(r.Text(0), r.Number(1), r.Number(2), LedgerTime.FromMicros(r.Number(3)), r.TextOrNull(4)), Most);
}
