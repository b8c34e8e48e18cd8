using Workflow.Runs.Acts;

namespace Workflow.Dashboard.StatePages;

/// <summary>In which order a list of jobs is read: each is the order of an index.</summary>
public enum JobOrder
{
    /// <summary>Those that ended last first.</summary>
    Ended,

    /// <summary>The order in which a queue hands them out.</summary>
    Queue,

    /// <summary>Those whose next try is due first.</summary>
    Retry,

    /// <summary>Those of the newest run first.</summary>
    Waiting,

    /// <summary>Those that started last first.</summary>
    Running,
}

/// <summary>A list of jobs by their state. A job is a node of a run: a stage, or one partition of it.</summary>
/// <param name="Key">Its name in addresses.</param>
/// <param name="Title">Its name on pages.</param>
/// <param name="Path">Its page.</param>
/// <param name="Metric">The counter of its rows.</param>
/// <param name="Order">The order of its rows.</param>
/// <param name="States">States of its rows, as the ledger names them.</param>
/// <param name="Acts">What can be done to ticked rows: requeue, enqueue, delete.</param>
/// <param name="Empty">What would fill it.</param>
public sealed record JobList(string Key, string Title, string Path, string Metric, JobOrder Order, IReadOnlyList<string> States, IReadOnlyList<string> Acts, string Empty)
{
    /// <summary>All but the queues.</summary>
    public static IReadOnlyList<JobList> All { get; } =
    [
        Of("enqueued", "Enqueued", "enqueued:count-or-null", JobOrder.Queue, ["ready"], ["delete"], "What could start at once and waits for a free slot of this queue stands here."),
        Of("fetched", "Fetched", "processing:count", JobOrder.Running, ["running"], ["requeue", "delete"], "What this queue has handed out and what runs now stands here."),
        Of("scheduled", "Scheduled", "scheduled:count", JobOrder.Retry, ["retry_wait"], ["enqueue", "delete"], "A stage that failed and is tried again later waits here for its time."),
        Of("processing", "Processing", "processing:count", JobOrder.Running, ["running"], ["requeue", "delete"], "Start a job and its stages appear here while they run: workflow run JOB.yaml"),
        Of("succeeded", "Succeeded", "succeeded:count", JobOrder.Ended, ["succeeded", "reused"], ["requeue"], "Each stage that publishes its artifacts, or finds them made already, comes here."),
        Of("failed", "Failed", "failed:count", JobOrder.Ended, ["failed"], ["requeue", "delete"], "A stage whose last try failed comes here with its reason, and stays until it is requeued."),
        Of("deleted", "Deleted", "deleted:count", JobOrder.Ended, ["cancelled", "skipped"], ["requeue"], "A stage that was cancelled, or skipped because one before it failed, comes here."),
        Of("awaiting", "Awaiting", "awaiting:count", JobOrder.Waiting, ["waiting"], ["enqueue", "delete"], "A stage waits here while something that it reads is not made yet."),
        Of("retries", "Retries", "retries:count", JobOrder.Retry, ["retry_wait"], ["enqueue", "delete"], "A stage that failed and is tried again stands here with the reason of its last failure.") with { Path = "/retries" },
    ];

    /// <summary>What can be done to them, where a state of theirs allows it.</summary>
    public IEnumerable<string> Possible => Acts.Where(a => States.Any(s => ActStates.Node(a, s)));

    /// <summary>The list of that name, or null.</summary>
    public static JobList? Find(string key) => All.FirstOrDefault(l => l.Key == key);

    /// <summary>This list of one queue.</summary>
    public JobList Within(string queue) => this with { Path = Key == "fetched" ? $"/jobs/enqueued/fetched/{Uri.EscapeDataString(queue)}" : $"/jobs/enqueued/{Uri.EscapeDataString(queue)}" };

    static JobList Of(string key, string title, string metric, JobOrder order, string[] states, string[] acts, string empty) => new(key, title, $"/jobs/{key}", metric, order, states, acts, empty);
}
