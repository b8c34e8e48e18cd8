using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs.Acts;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary>What people ask for at the dashboard, written to the ledger of a home. A write waits for the disk, so none of it is on the thread of a request.</summary>
sealed class LedgerActs(HomePaths paths, TimeProvider time) : INodeActions, IQueueActions, IBulkActions
{
    /// <summary>All acts on a home.</summary>
    /// <param name="paths">The home.</param>
    /// <param name="time">Clock.</param>
    /// <param name="ageing">What one step of priority counts as, in waiting time.</param>
    /// <param name="reader">Reads job files of schedules.</param>
    public static DashboardActs Of(HomePaths paths, TimeProvider time, TimeSpan ageing, ScheduledJobReader reader)
    {
        var acts = new LedgerActs(paths, time);
        return new DashboardActs { Runs = new DashboardActions(paths, time, ageing), Nodes = acts, Queues = acts, Bulk = acts, Schedules = new ScheduleCommandActions(paths, time, reader) };
    }

    Task<string> INodeActions.RequeueAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new NodeActs(db).Requeue(runId, nodeId, actor, reason), cancellationToken);

    Task INodeActions.EnqueueNowAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new NodeActs(db).EnqueueNow(runId, nodeId, actor, reason), cancellationToken);

    Task INodeActions.DeleteAsync(string runId, string nodeId, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new NodeActs(db).Delete(runId, nodeId, actor, reason), cancellationToken);

    Task IQueueActions.PauseAsync(string queue, string actor, string reason, DateTimeOffset? until, CancellationToken cancellationToken) =>
        ActAsync(db => new QueueActs(db).Pause(queue, actor, reason, until), cancellationToken);

    Task IQueueActions.ResumeAsync(string queue, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new QueueActs(db).Resume(queue, actor, reason), cancellationToken);

    Task<BulkPreview> IBulkActions.PreviewAsync(BulkFilter filter, string action, int rows, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.OpenRead(paths.Ledger, time);
        var targets = BulkTargets.Of(filter, action, time.Micros());
        return ledger.Read(db => new BulkPreview(targets.Count(db), targets.First(db, rows)));
    }, cancellationToken);

    Task<string> IBulkActions.StartAsync(BulkFilter filter, string action, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new BulkActs(db).Start(filter, action, actor, reason), cancellationToken);

    Task IBulkActions.StopAsync(string bulkId, string actor, string reason, CancellationToken cancellationToken) =>
        ActAsync(db => new BulkActs(db).Stop(bulkId, actor, reason), cancellationToken);

    Task ActAsync(Action<LedgerDb> act, CancellationToken cancellationToken) => ActAsync(db =>
    {
        act(db);
        return true;
    }, cancellationToken);

    Task<T> ActAsync<T>(Func<LedgerDb, T> act, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        return act(ledger);
    }, cancellationToken);
}
