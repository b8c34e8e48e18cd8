using System.Runtime.CompilerServices;
using Workflow.Artifacts;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Outside;
using Workflow.Outside.OpenLineage;
using Workflow.Runs;
using Workflow.Runs.Acts;
using Workflow.Schedules;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Reads of a home on this machine, from its ledger; never locks.</summary>
/// <param name="paths">The home.</param>
/// <param name="time">The clock.</param>
/// <param name="given">Its ledger, opened by the caller; null opens it with the first read.</param>
sealed class LedgerReads(HomePaths paths, TimeProvider time, LedgerDb? given = null) : IHomeReads
{
    static readonly TimeSpan look = TimeSpan.FromMilliseconds(500);
    LedgerDb? opened;

    /// <summary>Compares scores query by query from two tables; null leaves them as they are.</summary>
    public Func<IReadOnlyList<DiffFigure>, string, string, CancellationToken, Task<IReadOnlyList<DiffFigure>?>>? Paired { get; init; }

    LedgerDb Ledger => given ?? (opened ??= LedgerDb.OpenRead(paths.Ledger, time));

    bool Nothing => given is null && !File.Exists(paths.Ledger);

    public Task<IReadOnlyList<RunItem>> RunsAsync(int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RunItem>>(Nothing ? [] : [.. Ledger.Runs(limit).Select(RunItems.Of)]);

    public Task<RunView> RunAsync(string run, CancellationToken cancellationToken) => Task.FromResult(RunViews.Read(paths, Ledger, Ledger.ResolveRun(run)));

    public Task<IReadOnlyList<LogItem>> LogsAsync(string run, string? stage, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LogItem>>([.. Ledger.Logs(Ledger.ResolveRun(run), stage, limit).Select(l => new LogItem(l.Time, l.NodeId, l.Epoch, l.Line))]);

    public async IAsyncEnumerable<LogItem> FollowLogsAsync(string run, string? stage, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var follower = new LogFollower(Ledger, Ledger.ResolveRun(run), stage, limit);
        while (true)
        {
            // Asked before the lines: those written until it ended are still shown.
            var over = follower.IsOver;
            foreach (var line in follower.News())
            {
                yield return line;
            }

            if (over)
            {
                yield break;
            }

            await Task.Delay(look, time, cancellationToken);
        }
    }

    public Task<IReadOnlyList<WhyItem>> WhyAsync(string run, string stage, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<WhyItem>>([.. Ledger.Why(Ledger.ResolveRun(run), stage).Select(WhyItems.Of)]);

    public Task<LineageGraph> LineageAsync(string reference, bool down, CancellationToken cancellationToken) => Task.FromResult(Graph(reference, down));

    public Task<IReadOnlyList<string>> OpenLineageAsync(string reference, bool down, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. OpenLineageGraph.Lines(Ledger, Graph(reference, down), OutsideSettingsReader.Namespace(paths, Ledger))]);

    public async Task<RunDiff> DiffAsync(string run, string? other, CancellationToken cancellationToken)
    {
        var first = Ledger.ResolveRun(run);
        var second = other is not null ? Ledger.ResolveRun(other)
            : Ledger.Read(db => RunDiffQueries.RunBefore(db, first)) ?? throw new WorkflowException($"Run {first} is the first of its job: there is none before it. Name the run to compare it with.", exitCode: 2);
        var diff = Ledger.Diff(paths, first, second);
        return diff.PerQuery is { } tables && Paired is { } paired && await paired(diff.Scores, tables.Before, tables.After, cancellationToken) is { } scores ? diff with { Scores = scores } : diff;
    }

    public Task<IReadOnlyList<ScheduleItem>> SchedulesAsync(bool withdrawn, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ScheduleItem>>(Nothing ? [] : [.. Ledger.Read(db => ScheduleQueries.Schedules(db, withdrawn)).Select(ScheduleItems.Of)]);

    public Task<ScheduleItem> ScheduleAsync(string name, int ticks, CancellationToken cancellationToken) => Task.FromResult(Ledger.Read(db =>
    {
        var row = ScheduleRows.Resolve(db, name);
        return ScheduleItems.Of(ScheduleQueries.Schedules(db, false).Find(s => s.Row.Key == row.Key)!) with
        {
            Outcomes = ScheduleQueries.Outcomes(db, row.Key).ToDictionary(o => o.Outcome, o => o.Count, StringComparer.Ordinal),
            Ticks = [.. ScheduleQueries.Ticks(db, row.Key, false, ticks).Select(ScheduleItems.Of)],
            Backfills = [.. ScheduleQueries.Backfills(db, row.Key).Select(b => ScheduleItems.Of(b.Backfill, b.Made, b.Open))],
        };
    }));

    public Task<IReadOnlyList<NextFire>> NextAsync(string name, int count, CancellationToken cancellationToken)
    {
        var row = Ledger.Read(db => ScheduleRows.Resolve(db, name));
        if (row.Cron is null)
        {
            throw new WorkflowException($"The schedule {row.Key} has no fire times: it runs when the data set {row.Dataset} has a new version.", exitCode: 2);
        }

        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<NextFire>>([.. row.Nominals(row.Cursor > now ? row.Cursor : now).Take(Math.Clamp(count, 1, 10_000)).Select(t => new NextFire(t, ScheduleItems.Local(row.Zone, t), row.RingOf(t)))]);
    }

    public Task<IReadOnlyList<SlotItem>> SlotsAsync(string? name, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SlotItem>>(
        name is not null ? [.. Ledger.ModelSlot(name).Select(SlotItems.Of)] : Nothing ? [] : [.. Ledger.ModelSlots().Select(SlotItems.Of)]);

    public Task<IReadOnlyList<QueueItem>> QueuesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<QueueItem>>(Nothing ? [] : [.. Ledger.Read(db => QueueRow.All(db, time.GetUtcNow())).Select(QueueItems.Of)]);

    public Task<IReadOnlyList<WorkerItem>> WorkersAsync(CancellationToken cancellationToken) => Task.FromResult(Nothing ? [] : WorkerItems.Read(Ledger, time.GetUtcNow()));

    public void Dispose() => opened?.Dispose();

    LineageGraph Graph(string reference, bool down)
    {
        var artifact = Ledger.ResolveArtifact(reference);
        return down ? Ledger.Down(artifact) : Ledger.Up(artifact);
    }
}
