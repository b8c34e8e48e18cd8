using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary>What people do to schedules at the dashboard, written to the ledger as the commands do.</summary>
sealed class ScheduleCommandActions(HomePaths paths, TimeProvider time, ScheduledJobReader reader) : IScheduleActions
{
    public Task PauseAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => c.Pause(key, actor, reason).Key, cancellationToken);

    public Task ResumeAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => c.Resume(key, actor, reason).Key, cancellationToken);

    public Task<string> TriggerAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => c.Trigger(key, actor, reason), cancellationToken);

    /// <summary>A trigger hashes files: not on the thread of a request.</summary>
    Task<string> ActAsync(Func<ScheduleControl, string> act, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        return act(new ScheduleControl(ledger, new History(time), reader));
    }, cancellationToken);
}
