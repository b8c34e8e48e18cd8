using Workflow.Dashboard.Api.Shapes;
using Workflow.Lineage;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>What the command line reads of a home: from its ledger on this machine, or from the server that holds it. Both give the same shapes, so both print the same bytes.</summary>
interface IHomeReads : IDisposable
{
    /// <summary>Runs, newest first.</summary>
    Task<IReadOnlyList<RunItem>> RunsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>A run by its id, a unique beginning or end of it, or <c>last</c>.</summary>
    /// <exception cref="WorkflowException">None or several.</exception>
    Task<RunView> RunAsync(string run, CancellationToken cancellationToken);

    /// <summary>The newest log lines of a run, oldest first; of one stage or node where given.</summary>
    Task<IReadOnlyList<LogItem>> LogsAsync(string run, string? stage, int limit, CancellationToken cancellationToken);

    /// <summary>The log lines of a run as they are written, the newest few first, until it has ended.</summary>
    IAsyncEnumerable<LogItem> FollowLogsAsync(string run, string? stage, int limit, CancellationToken cancellationToken);

    /// <summary>Why the nodes of a stage were computed or reused.</summary>
    Task<IReadOnlyList<WhyItem>> WhyAsync(string run, string stage, CancellationToken cancellationToken);

    /// <summary>What an artifact was made from, or what was made from it.</summary>
    Task<LineageGraph> LineageAsync(string reference, bool down, CancellationToken cancellationToken);

    /// <summary>The same as OpenLineage run events, one per line.</summary>
    Task<IReadOnlyList<string>> OpenLineageAsync(string reference, bool down, CancellationToken cancellationToken);

    /// <summary>Two runs side by side, the earlier one first; with the run of the same job before where only one is named.</summary>
    Task<RunDiff> DiffAsync(string run, string? other, CancellationToken cancellationToken);

    /// <summary>Schedules by key; withdrawn ones too where asked for.</summary>
    Task<IReadOnlyList<ScheduleItem>> SchedulesAsync(bool withdrawn, CancellationToken cancellationToken);

    /// <summary>A schedule with what became of its fire times.</summary>
    Task<ScheduleItem> ScheduleAsync(string name, int ticks, CancellationToken cancellationToken);

    /// <summary>The next fire times of a schedule.</summary>
    Task<IReadOnlyList<NextFire>> NextAsync(string name, int count, CancellationToken cancellationToken);

    /// <summary>What every named slot holds; the history of one where a name is given.</summary>
    Task<IReadOnlyList<SlotItem>> SlotsAsync(string? name, CancellationToken cancellationToken);

    /// <summary>Queues by name, with what waits in them and whether they are paused.</summary>
    Task<IReadOnlyList<QueueItem>> QueuesAsync(CancellationToken cancellationToken);

    /// <summary>Processes that execute, and have not said goodbye.</summary>
    Task<IReadOnlyList<WorkerItem>> WorkersAsync(CancellationToken cancellationToken);
}
