using System.ComponentModel;
using Workflow.Artifacts;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Dashboard.Shell;
using Workflow.Jobs;
using Workflow.Outside;

namespace Workflow.Dashboard.Api;

/// <summary>Reads of the home as a whole.</summary>
static class HomeApi
{
    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        const string tag = "Home";
        var (context, ledger) = (api.Context, api.Context.Ledger);
        var reads = new LedgerReads(context.Paths, context.Options.Time, ledger);

        api.Get(tag, "/version", "What answers, and who it takes you for", (HttpContext http) =>
        {
            var visitor = Visitor.Of(http);
            return new VersionView(ProgramVersion.Text, ApiAddress.Version, visitor.Name, visitor.Role.ToString().ToLowerInvariant(), context.Options.ReadOnly);
        });
        api.Get(tag, "/overview", "The counters: servers, recurring, retries, enqueued, queues, failed, scheduled, processing, succeeded, deleted, awaiting, and runs by state", () =>
            ledger.Read(db => HomeCounts.Counters(db, context.Now)));
        api.Get(tag, "/workers", "Processes that execute stages", (CancellationToken cancellationToken) => reads.WorkersAsync(cancellationToken));
        api.Get(tag, "/queues", "Queues with their slots and what waits in them", (CancellationToken cancellationToken) => reads.QueuesAsync(cancellationToken));
        api.Get(tag, "/slots", "What every named slot holds", (CancellationToken cancellationToken) => reads.SlotsAsync(null, cancellationToken));
        api.Get(tag, "/slots/{slot}", "What a named slot held, newest first", ([Description("Its name")] string slot, CancellationToken cancellationToken) => reads.SlotsAsync(slot, cancellationToken));
        api.Get(tag, "/storage", "What lies on the disk", () => ledger.Read(db => HomeCounts.Storage(db, context.Paths)));
        api.Get(tag, "/gc", "What collecting garbage would do; nothing is done", (
            [Description("Runs younger than this keep all they read and made: 30d unless given")] string? keep, [Description("How long unreachable files stay before they go: 1d unless given")] string? grace) =>
            HomeCounts.Of(GarbageCollector.Collect(ledger, new ArtifactStore(context.Paths), Duration("keep", keep ?? "30d"), Duration("grace", grace ?? "1d"), dryRun: true)));
        api.Get(tag, "/health", "The state of the ledger, the disk and the receivers of the history", () => ledger.Read(db => HomeCounts.Health(db, context.Paths, context.Now)));
        api.Get(tag, "/audit", "What was done, by whom and why, newest first", (
            [Description("Only by this actor")] string? actor, [Description("Only this action")] string? action, [Description("Only to this target")] string? target,
            [Description("`next` of the page before")] string? after, [Description("Rows at most, 1 to 1,000; 100 unless given")] int? limit) =>
        {
            var (cursor, size) = (ApiCursor.Read(after, "n"), ApiCursor.Limit(limit, 100, 1000));
            var rows = ledger.Read(db => AuditLists.Page(db, actor, action, target, cursor is [long seq] ? seq : long.MaxValue, size + 1));
            return new Listing<AuditItem>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Seq) : null);
        });
    }

    static TimeSpan Duration(string name, string text) => Durations.TryParse(text, out var value) ? value : throw ApiFault.Unfit($"{name}: found '{text}'; expected a duration such as 30d, 12h or 0s.");
}
