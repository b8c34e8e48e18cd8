namespace Workflow.Dashboard.StatePages;

/// <summary>A counter as pages and <c>/stats</c> show it.</summary>
/// <param name="Name">Its name, as in <c>failed:count</c>.</param>
/// <param name="Title">What it counts.</param>
/// <param name="Address">The page of what it counts.</param>
/// <param name="Number">The count.</param>
/// <param name="Text">The count in writing; null where there is nothing to show.</param>
/// <param name="Look">good, bad, warn, busy, idle.</param>
sealed record Metric(string Name, string Title, string Address, long Number, string? Text, string Look)
{
    /// <summary>Names of all, in the order in which the first page shows them; the last two are for the top bar.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "servers:count", "recurring:count", "enqueued-queues:count", "enqueued:count", "scheduled:count", "retries:count", "processing:count", "awaiting:count", "succeeded:count", "failed:count", "deleted:count",
        "runs:running", "runs:queued", "enqueued:count-or-null", "failed:count-or-null", "ledger:size", "ledger:wal", "ledger:schema",
    ];

    /// <summary>The counters of the first page.</summary>
    public static IEnumerable<string> Blocks => Names.Take(12);

    /// <summary>A counter; null where there is none of that name.</summary>
    public static Metric? Of(string name, Counters counts, DashboardContext context) => name switch
    {
        "servers:count" => Plain(name, "Servers", "/servers", counts.Servers, counts.Servers == 0 ? "warn" : "idle"),
        "recurring:count" => Plain(name, "Recurring", "/schedules", counts.Recurring, "idle"),
        "enqueued-queues:count" => Plain(name, "In queues", "/jobs/enqueued", counts.Enqueued, "idle") with { Text = $"{Format.Count(counts.Enqueued)} / {Format.Count(counts.Queues)}" },
        "enqueued:count" => Plain(name, "Enqueued", "/jobs/enqueued", counts.Enqueued, "idle"),
        "scheduled:count" => Plain(name, "Scheduled", "/jobs/scheduled", counts.Retries, "idle"),
        "retries:count" => Plain(name, "Retries", "/retries", counts.Retries, counts.Retries > 0 ? "warn" : "idle"),
        "processing:count" => Plain(name, "Processing", "/jobs/processing", counts.Processing, counts.Processing > 0 ? "busy" : "idle"),
        "awaiting:count" => Plain(name, "Awaiting", "/jobs/awaiting", counts.Awaiting, "idle"),
        "succeeded:count" => Plain(name, "Succeeded", "/jobs/succeeded", counts.Succeeded, "good"),
        "failed:count" => Plain(name, "Failed", "/jobs/failed", counts.Failed, counts.Failed > 0 ? "bad" : "idle"),
        "deleted:count" => Plain(name, "Deleted", "/jobs/deleted", counts.Deleted, "idle"),
        "runs:running" => Plain(name, "Runs running", "/runs?state=running", counts.RunsRunning, counts.RunsRunning > 0 ? "busy" : "idle"),
        "runs:queued" => Plain(name, "Runs queued", "/runs?state=queued", counts.RunsQueued, "idle"),
        "enqueued:count-or-null" => OrNull(name, "enqueued", "/jobs/enqueued", counts.Enqueued, "idle"),
        "failed:count-or-null" => OrNull(name, "failed", "/jobs/failed", counts.Failed, "bad"),
        "ledger:size" => Bytes(name, "Ledger", context.Paths.Ledger),
        "ledger:wal" => Bytes(name, "Write-ahead log", context.Paths.Ledger + "-wal"),
        "ledger:schema" => Plain(name, "Schema", "/health", Ledger.LedgerDb.Schema, "idle"),
        _ => null,
    };

    static Metric Plain(string name, string title, string address, long count, string look) => new(name, title, address, count, Format.Count(count), look);

    static Metric OrNull(string name, string title, string address, long count, string look) => new(name, title, address, count, count == 0 ? null : Format.Count(count), look);

    static Metric Bytes(string name, string title, string file)
    {
        var size = File.Exists(file) ? new FileInfo(file).Length : 0;
        return new Metric(name, title, "/health", size, Format.Bytes(size), "idle");
    }
}
