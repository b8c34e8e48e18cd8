using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.Access;

/// <summary>Lines of the audit about accounts and signing in. Accounts lie beside the ledger, so the line is made durable before what it tells of.</summary>
sealed class AccessAudit(HomePaths paths, TimeProvider time)
{
    /// <summary>Adds a line.</summary>
    public void Add(string actor, string action, string target, string reason, object? before = null)
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        ledger.Write(db => Audit.Add(db, time.GetUtcNow().Micros(), actor, action, target, reason, before));
    }

    /// <summary>How the audit names an account.</summary>
    public static string Target(string name) => $"account/{name}";
}
