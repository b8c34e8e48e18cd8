using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary>What people do to schedules at the dashboard, written to the ledger as the commands do.</summary>
sealed class ScheduleCommandActions(HomePaths paths, TimeProvider time, ScheduledJobReader reader) : IScheduleActions
{
    public Task PauseAsync(string key, string actor, string reason, DateTimeOffset? until, CancellationToken cancellationToken) => ActAsync(c => c.Pause(key, actor, reason, _ => until).Key, cancellationToken);

    public Task ResumeAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => c.Resume(key, actor, reason).Key, cancellationToken);

    public Task<string> TriggerAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => c.Trigger(key, actor, reason), cancellationToken);

    public Task<string?> RemoveAsync(string key, string actor, string reason, CancellationToken cancellationToken) => ActAsync(c => ScheduleControl.Returns(c.Remove(key, actor, reason)), cancellationToken);

    public Task<string> BackfillAsync(string key, DateTimeOffset from, DateTimeOffset to, int parallel, string actor, string reason, CancellationToken cancellationToken) => parallel is < 1 or > 1000
        ? throw new WorkflowException($"Found {parallel} runs at a time; expected 1 to 1000.", exitCode: 2)
        : ActAsync(c => c.Backfill(key, from, to, parallel, actor, reason).Id, cancellationToken);

    /// <summary>A trigger hashes files: not on the thread of a request.</summary>
    Task<T> ActAsync<T>(Func<ScheduleControl, T> act, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        return act(new ScheduleControl(ledger, new History(time), reader));
    }, cancellationToken);
}
