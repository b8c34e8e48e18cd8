using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary>What people ask for at the dashboard, written to the ledger as a request that the serving process takes with its next look.</summary>
sealed class DashboardActions(HomePaths paths, TimeProvider time) : IRunActions
{
    public Task CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken) => Ask("cancel", runId, actor, reason, s => s is "queued" or "running" or "interrupted");

    public Task ResumeAsync(string runId, string actor, string reason, CancellationToken cancellationToken) => Ask("resume", runId, actor, reason, s => s is "failed" or "partial" or "cancelled" or "interrupted");

    Task Ask(string kind, string runId, string actor, string reason, Func<string, bool> possible)
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        var state = ledger.Detail(runId).Run.State;
        if (!possible(state))
        {
            throw new WorkflowException($"Run {runId} is {state}: there is nothing to {kind}.");
        }

        ledger.Write(db => db.Execute("INSERT INTO request(request_id, kind, run_id, actor, reason, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            time.NewId(), kind, runId, actor, reason.Length == 0 ? null : reason, time.Micros()));
        return Task.CompletedTask;
    }
}
