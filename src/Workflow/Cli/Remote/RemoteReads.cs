using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Lineage;

namespace Workflow.Cli.Remote;

/// <summary>Reads of the home that a server holds.</summary>
sealed class RemoteReads(RemoteServer server) : IHomeReads
{
    const int Page = 1000;

    public async Task<IReadOnlyList<RunItem>> RunsAsync(int limit, CancellationToken cancellationToken)
    {
        limit = limit < 0 ? int.MaxValue : limit;
        var runs = new List<RunItem>();
        for (string? after = null; runs.Count < limit;)
        {
            var part = await server.GetAsync<Listing<RunItem>>($"runs?limit={Math.Min(Page, limit - runs.Count)}{(after is null ? "" : $"&after={after}")}", cancellationToken);
            runs.AddRange(part.Items);
            if (part.Next is null)
            {
                break;
            }

            after = part.Next;
        }

        return runs;
    }

    public Task<RunView> RunAsync(string run, CancellationToken cancellationToken) => server.GetAsync<RunView>($"runs/{RemoteServer.Segment(run)}", cancellationToken);

    public async Task<IReadOnlyList<LogItem>> LogsAsync(string run, string? stage, int limit, CancellationToken cancellationToken)
    {
        // Pages go back in time; each is oldest first.
        var pages = new Stack<IReadOnlyList<LogItem>>();
        string? before = null;
        for (var left = limit; left > 0;)
        {
            var part = await server.GetAsync<Listing<LogItem>>($"runs/{RemoteServer.Segment(run)}/logs?limit={Math.Min(10_000, left)}{Stage(stage)}{(before is null ? "" : $"&before={before}")}", cancellationToken);
            pages.Push(part.Items);
            left -= part.Items.Count;
            if (part.Next is null)
            {
                break;
            }

            before = part.Next;
        }

        return [.. pages.SelectMany(p => p)];
    }

    public IAsyncEnumerable<LogItem> FollowLogsAsync(string run, string? stage, int limit, CancellationToken cancellationToken) =>
        server.LinesAsync<LogItem>($"runs/{RemoteServer.Segment(run)}/logs/stream?limit={limit}{Stage(stage)}", cancellationToken);

    public Task<IReadOnlyList<WhyItem>> WhyAsync(string run, string stage, CancellationToken cancellationToken) =>
        server.GetAsync<IReadOnlyList<WhyItem>>($"runs/{RemoteServer.Segment(run)}/why?stage={Uri.EscapeDataString(stage)}", cancellationToken);

    public Task<LineageGraph> LineageAsync(string reference, bool down, CancellationToken cancellationToken) => server.GetAsync<LineageGraph>(Lineage("lineage", reference, down), cancellationToken);

    public async Task<IReadOnlyList<string>> OpenLineageAsync(string reference, bool down, CancellationToken cancellationToken) =>
        (await server.TextAsync(Lineage("lineage/openlineage", reference, down), cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public Task<RunDiff> DiffAsync(string run, string? other, CancellationToken cancellationToken) =>
        server.GetAsync<RunDiff>($"runs/{RemoteServer.Segment(run)}/diff{(other is null ? "" : $"?other={Uri.EscapeDataString(other)}")}", cancellationToken);

    public Task<IReadOnlyList<ScheduleItem>> SchedulesAsync(bool withdrawn, CancellationToken cancellationToken) =>
        server.GetAsync<IReadOnlyList<ScheduleItem>>($"schedules?all={(withdrawn ? "true" : "false")}", cancellationToken);

    public Task<ScheduleItem> ScheduleAsync(string name, int ticks, CancellationToken cancellationToken) => server.GetAsync<ScheduleItem>($"schedules/find?name={Uri.EscapeDataString(name)}&ticks={ticks}", cancellationToken);

    public async Task<IReadOnlyList<NextFire>> NextAsync(string name, int count, CancellationToken cancellationToken) =>
        await server.GetAsync<IReadOnlyList<NextFire>>($"{await ScheduleAddressAsync(server, name, cancellationToken)}/next?count={count}", cancellationToken);

    public Task<IReadOnlyList<SlotItem>> SlotsAsync(string? name, CancellationToken cancellationToken) =>
        server.GetAsync<IReadOnlyList<SlotItem>>(name is null ? "slots" : $"slots/{RemoteServer.Segment(name)}", cancellationToken);

    public Task<IReadOnlyList<QueueItem>> QueuesAsync(CancellationToken cancellationToken) => server.GetAsync<IReadOnlyList<QueueItem>>("queues", cancellationToken);

    public Task<IReadOnlyList<WorkerItem>> WorkersAsync(CancellationToken cancellationToken) => server.GetAsync<IReadOnlyList<WorkerItem>>("workers", cancellationToken);

    /// <summary>The address of the schedule that a person means.</summary>
    public static async Task<string> ScheduleAddressAsync(RemoteServer server, string name, CancellationToken cancellationToken)
    {
        var key = (await server.GetAsync<ScheduleItem>($"schedules/find?name={Uri.EscapeDataString(name)}&ticks=0", cancellationToken)).Schedule;
        return $"schedules/{string.Join('/', key.Split('/').Select(RemoteServer.Segment))}";
    }

    public void Dispose() => server.Dispose();

    static string Stage(string? stage) => stage is null ? "" : $"&stage={Uri.EscapeDataString(stage)}";

    static string Lineage(string path, string reference, bool down) => $"{path}?ref={Uri.EscapeDataString(reference)}&direction={(down ? "down" : "up")}";
}
