using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Lines of the audit, each written in the transaction of the act it tells of.</summary>
static class Audit
{
    /// <summary>Adds a line.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="now">When, in microseconds.</param>
    /// <param name="actor">Who.</param>
    /// <param name="action">What: cancel, resume, node.delete, queue.pause, schedule.trigger, ...</param>
    /// <param name="target">To what: a run's id, RUN/NODE, a queue, a schedule's key.</param>
    /// <param name="reason">Why, or empty.</param>
    /// <param name="before">What was before; written as JSON. Null where nothing was.</param>
    public static void Add(LedgerConnection db, long now, string actor, string action, string target, string? reason, object? before = null) =>
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason, before_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", now, actor, action, target,
            string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(), before is null ? null : JsonSerializer.Serialize(before));

    /// <summary>A reason that must be given.</summary>
    /// <exception cref="WorkflowException">It is empty.</exception>
    public static string Required(string? reason, string what) => string.IsNullOrWhiteSpace(reason)
        ? throw new WorkflowException($"{what} needs a reason: whoever finds it so wants to know why.", exitCode: 2)
        : reason.Trim();
}
