using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Dashboard.StoragePages;

/// <summary>What lies on disk, what is pinned, and what could go.</summary>
static class StorageEndpoints
{
    static readonly TimeSpan Keep = TimeSpan.FromDays(30), Grace = TimeSpan.FromDays(1);

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var look = new GarbageLook(context);
        app.MapGet("/storage", (HttpContext http, string? did, string? pin) => DashboardEndpoints.Page<StoragePage>(new
        {
            Model = context.Ledger.Read(db => StorageQueries.Storage(db, context.Now.Micros(), Paging.Of(http.Request))),
            Disk = Disk.Look(context.Paths, context.Ledger),
            Paging = Paging.Of(http.Request),
            Did = did ?? "",
            Pin = pin ?? "",
            CanAct = context.Options.Acts.Storage is not null,
        }));
        app.MapGet("/storage/garbage", (string? did) => DashboardEndpoints.Page<GarbagePage>(new { Live = Garbage(context, look), Did = did ?? "", CanAct = context.Options.Acts.Storage is not null }));
        app.MapGet("/live/storage/garbage", (HttpContext http) => LiveStream.WriteAsync<GarbageLive>(http, context, () => Garbage(context, look)));

        Acts.Post(app, context, "/storage/garbage/look", Role.Operator, act =>
        {
            look.Start(Duration(act, "keep", Keep), Duration(act, "grace", Grace));
            return Task.FromResult("/storage/garbage?did=look");
        }, reason: false);
        Acts.Post(app, context, "/storage/garbage/collect", Role.Admin, async act =>
        {
            await Possible(context, "gc").CollectAsync(Duration(act, "keep", Keep), Duration(act, "grace", Grace), act.Visitor.Name, act.Reason, act.Cancelled);
            return "/storage/garbage?did=collect";
        });
        Acts.Post(app, context, "/storage/pin", Role.Admin, async act =>
        {
            var named = act.Field("artifact");
            var artifact = context.Ledger.Read(db => StorageQueries.Artifact(db, named))
                ?? throw new WorkflowException($"There is no one artifact whose hash begins with '{named}', and no data set of that name.", exitCode: 2);
            await Possible(context, "pin").PinAsync(artifact, Until(act.Field("until")), act.Visitor.Name, act.Reason, act.Cancelled);
            return "/storage?did=pin#pins";
        });
        Acts.Post(app, context, "/storage/unpin", Role.Admin, async act =>
        {
            await Possible(context, "unpin").UnpinAsync(act.Field("artifact"), act.Visitor.Name, act.Reason, act.Cancelled);
            return "/storage?did=unpin#pins";
        });
    }

    static Dictionary<string, object?> Garbage(DashboardContext context, GarbageLook look) => new()
    {
        [nameof(GarbageLive.Found)] = look.Last,
        [nameof(GarbageLive.Looking)] = look.Running,
        [nameof(GarbageLive.Collections)] = context.Ledger.Read(StorageQueries.Collections),
    };

    static IStorageActions Possible(DashboardContext context, string act) => context.Options.Acts.Storage ?? throw new WorkflowException($"This dashboard only shows: it cannot {act}. Serve the home with `workflow serve`.");

    static TimeSpan Duration(Act act, string field, TimeSpan standard) => act.Field(field) is not { Length: > 0 } text ? standard
        : Durations.TryParse(text, out var value) ? value : throw new WorkflowException($"{field}: found '{text}'; expected a duration such as 30d, 12h or 0s.", exitCode: 2);

    static DateTimeOffset? Until(string text) => text.Length == 0 ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day) ? new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : throw new WorkflowException($"Found an end '{text}'; expected a day such as 2027-01-31, or none.", exitCode: 2);
}
