using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Lines of the audit.</summary>
static class AuditLists
{
    /// <summary>A page, newest first.</summary>
    public static List<AuditItem> Page(LedgerConnection db, string? actor, string? action, string? target, long before, int limit)
    {
        var condition = (actor is null ? "" : " AND actor=?1") + (action is null ? "" : " AND action=?2") + (target is null ? "" : " AND target=?3");
        return db.Query($"SELECT seq, ts_us, actor, action, target, reason, before_json FROM audit WHERE seq<?4{condition} ORDER BY seq DESC LIMIT ?5",
            r => new AuditItem(r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.Text(2), r.Text(3), r.Text(4), r.TextOrNull(5), JsonText.Node(r.TextOrNull(6))), actor, action, target, before, limit);
    }
}
