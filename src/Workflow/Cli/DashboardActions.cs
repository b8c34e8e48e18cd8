using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Cli;

/// <summary>What people ask of runs at the dashboard, written to the ledger.</summary>
sealed class DashboardActions(HomePaths paths, TimeProvider time, TimeSpan ageing) : IRunActions
{
    public Task CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken) => ActAsync(a => a.Cancel(runId, actor, reason), cancellationToken);

    public Task ResumeAsync(string runId, string actor, string reason, CancellationToken cancellationToken) => ActAsync(a => a.Resume(runId, actor, reason), cancellationToken);

    public async Task<string> RestartAsync(string runId, string stage, string actor, string reason, CancellationToken cancellationToken)
    {
        var id = "";
        await ActAsync(a => id = a.Restart(runId, stage, actor, reason), cancellationToken);
        return id;
    }

    public Task PrioritizeAsync(string runId, int priority, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(a => a.Prioritize(runId, priority, ageing, actor, reason), cancellationToken);

    /// <summary>A write waits for the disk: not on the thread of a request.</summary>
    Task ActAsync(Action<RunActs> act, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        act(new RunActs(ledger));
    }, cancellationToken);
}
