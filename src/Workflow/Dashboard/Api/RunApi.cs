using System.ComponentModel;
using System.Runtime.CompilerServices;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api;

/// <summary>Reads of runs.</summary>
static class RunApi
{
    const string RunText = "A run's id, a unique beginning or end of it, or `last`";
    const string AfterText = "`next` of the page before";
    static readonly TimeSpan look = TimeSpan.FromMilliseconds(500);

    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        const string tag = "Runs";
        var (ledger, paths, time) = (api.Context.Ledger, api.Context.Paths, api.Context.Options.Time);
        var reads = new LedgerReads(paths, time, ledger);

        api.Get(tag, "/runs", "Runs, newest first", (
            [Description("Only in this state: queued, running, interrupted, succeeded, failed, cancelled or partial")] string? state,
            [Description("Only of this job")] string? job,
            [Description("Only by this trigger: manual, cron, backfill, resume, api or upstream")] string? trigger,
            [Description("Only those that this actor asked for")] string? by,
            [Description("Only of this schedule, JOB/NAME")] string? schedule,
            [Description(AfterText)] string? after,
            [Description("Rows at most, 1 to 1,000; 50 unless given")] int? limit) =>
        {
            var (cursor, size) = (ApiCursor.Read(after, "nt"), ApiCursor.Limit(limit, 50, 1000));
            var (rows, next) = ledger.Read(db => RunLists.Page(db, new RunQuery(state, job, trigger, by, schedule), cursor is [long created, string run] ? (created, run) : null, size));
            return new Listing<RunItem>(rows, next is { } place ? Cursor.Of(place.Created, place.Run) : null);
        });
        api.Get(tag, "/runs/{run}", "A run with its stages, scores and failures", ([Description(RunText)] string run, CancellationToken cancellationToken) => reads.RunAsync(run, cancellationToken));
        api.Get(tag, "/runs/{run}/result", "How a run ended: the shape of `run --json`", async ([Description(RunText)] string run, CancellationToken cancellationToken) => RunResult.Of(await reads.RunAsync(run, cancellationToken)));
        api.Get(tag, "/runs/{run}/why", "Why the nodes of a stage were computed or reused", ([Description(RunText)] string run, [Description("A stage, or one node of it")] string stage, CancellationToken cancellationToken) =>
            reads.WhyAsync(run, stage, cancellationToken));

        var compares = new LedgerReads(paths, time, ledger)
        {
            Paired = async (scores, before, after, cancellationToken) => api.Context.Samples is { } samples ? await samples.CompareAsync(scores, before, after, cancellationToken) : null,
        };
        api.Get(tag, "/runs/{run}/diff", "Two runs side by side, the earlier one first: parameters, data, code, environment, scores, times", (
            [Description(RunText)] string run, [Description("Another run; the run of the same job before unless given")] string? other, CancellationToken cancellationToken) => compares.DiffAsync(run, other, cancellationToken));

        api.Get(tag, "/runs/{run}/logs", "The newest log lines, oldest first", (
            [Description(RunText)] string run, [Description("Only this stage or node")] string? stage,
            [Description("`next` of the page after: goes back in time")] string? before, [Description("Lines at most, 1 to 10,000; 1,000 unless given")] int? limit) =>
        {
            var (cursor, size, id) = (ApiCursor.Read(before, "ntn"), ApiCursor.Limit(limit, 1000, 10_000), ledger.ResolveRun(run));
            var lines = ledger.Read(db => LogPages.Newest(db, id, stage, cursor is [long at, string attempt, long seq] ? (at, attempt, seq) : null, size + 1));
            var shown = lines.Skip(Math.Max(0, lines.Count - size)).ToList();
            return new Listing<LogItem>([.. shown.Select(l => l.Item)], lines.Count > size ? Cursor.Of(shown[0].Item.Time.Micros(), shown[0].Attempt, shown[0].Seq) : null);
        });
        api.Stream<LogItem>(tag, "/runs/{run}/logs/stream", "Log lines as they are written, the newest few first, until the run has ended", async (
            HttpContext http, [Description(RunText)] string run, [Description("Only this stage or node")] string? stage, [Description("Lines to begin with, 0 to 10,000; 100 unless given")] int? limit) =>
        {
            var (id, size) = (ledger.ResolveRun(run), limit is 0 ? 0 : ApiCursor.Limit(limit, 100, 10_000));
            await ApiStream.WriteAsync(http, time, stopping => FollowAsync(new LogFollower(ledger, id, stage, size), time, stopping));
        });
        api.Stream<ProgressItem>(tag, "/runs/{run}/progress", "What happens to a run, until it has ended; the run may still have to be made", async (
            HttpContext http, [Description("A run's full id")] string run, [Description("Position in the history to begin behind; 0 unless given")] long? after) =>
        {
            var feed = new ProgressFeed(ledger, run, after ?? 0);
            if (!feed.Exists)
            {
                throw ApiFault.Nothing($"No run '{run}' in this home, and none was asked for under this id.");
            }

            await ApiStream.WriteAsync(http, time, stopping => feed.TellAsync(look, stopping));
        });
        api.Get(tag, "/runs/{run}/events", "History of a run, oldest first", ([Description(RunText)] string run, [Description("Behind this position")] long? after, [Description("Rows at most, 1 to 1,000")] int? limit) =>
        {
            var size = ApiCursor.Limit(limit, 100, 1000);
            var rows = ledger.Events(ledger.ResolveRun(run), after ?? 0, size + 1);
            return new Listing<EventItem>([.. rows.Take(size).Select(e => new EventItem(e.Seq, e.Time, e.RunId, e.NodeId, e.Epoch, e.Type, JsonText.Node(e.Payload)))],
                rows.Count > size ? rows[size - 1].Seq.ToString() : null);
        });

        api.Get(tag, "/runs/{run}/nodes", "Stages and partitions of a run, by name", (
            [Description(RunText)] string run, [Description("Only of this stage")] string? stage, [Description("Only in this state of a node")] string? state,
            [Description(AfterText)] string? after, [Description("Rows at most, 1 to 1,000; 100 unless given")] int? limit) =>
        {
            var (cursor, size, id) = (ApiCursor.Read(after, "t"), ApiCursor.Limit(limit, 100, 1000), ledger.ResolveRun(run));
            var rows = ledger.Read(db => NodeLists.OfRun(db, id, stage, state, cursor is [string node] ? node : null, size + 1));
            return new Listing<NodeItem>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Node) : null);
        });
        api.Get(tag, "/runs/{run}/nodes/{**node}", "A stage or partition with its attempts, inputs and outputs", ([Description(RunText)] string run, [Description("Stage, or stage/key")] string node) =>
        {
            var id = ledger.ResolveRun(run);
            return ledger.Read(db => NodeLists.One(db, id, node)) ?? throw ApiFault.Nothing($"Run {id} has no stage or partition '{node}'.");
        });
        api.Get(tag, "/runs/{run}/artifacts", "What the stages of a run published", (
            [Description(RunText)] string run, [Description("Whether partitions are listed too")] bool? partitions, [Description(AfterText)] string? after, [Description("Rows at most, 1 to 1,000; 500 unless given")] int? limit) =>
        {
            var (cursor, size, id) = (ApiCursor.Read(after, "tt"), ApiCursor.Limit(limit, 500, 1000), ledger.ResolveRun(run));
            var rows = ledger.Read(db => DataReads.OfRun(db, id, cursor is [string node, string slot] ? (node, slot) : null, size + 1, partitions ?? false));
            return new Listing<NodeOutput>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Node, rows[size - 1].Slot) : null);
        });
        api.Get(tag, "/runs/{run}/series", "Metric series of a run", ([Description(RunText)] string run, [Description("Only of this node")] string? node) =>
        {
            var id = ledger.ResolveRun(run);
            return ledger.Read(db => Metrics.Series(db, id, node));
        });
        api.Get(tag, "/runs/{run}/metrics", "Points of a metric series", (
            [Description(RunText)] string run, [Description("Node that writes it")] string node, [Description("Its key: train/loss")] string key,
            [Description("Only steps above this")] long? after, [Description("Points at most, 2 to 10,000; 1,000 unless given: a longer series is thinned")] int? points) =>
        {
            if (points is < 2 or > 10_000)
            {
                throw ApiFault.Unfit($"points: found {points}; expected 2 to 10000.");
            }

            var id = ledger.ResolveRun(run);
            return ledger.Read(db => Metrics.Points(db, id, node, key, after ?? -1, points ?? 1000)) ?? throw ApiFault.Nothing($"Node '{node}' of run {id} has no series '{key}'.");
        });
    }

    static async IAsyncEnumerable<LogItem?> FollowAsync(LogFollower follower, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var over = follower.IsOver;
            foreach (var line in follower.News())
            {
                yield return line;
            }

            if (over)
            {
                yield break;
            }

            yield return null;
            await Task.Delay(look, time, cancellationToken);
        }
    }
}
