using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.StoragePages;

/// <summary>A file that would go, and why nothing keeps it.</summary>
public sealed record GarbageItem(GcItem File, string? ArtifactId, string? Kind, string Name, string Why, string? RunId);

/// <summary>What a look at the garbage found.</summary>
/// <param name="AsOf">When it was looked.</param>
/// <param name="Keep">Runs younger than this kept all.</param>
/// <param name="Grace">How long marked files stay.</param>
/// <param name="Report">Counts; null where the look failed.</param>
/// <param name="Items">The largest files.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Error">Why it failed, or null.</param>
public sealed record GarbageFound(DateTimeOffset AsOf, TimeSpan Keep, TimeSpan Grace, GcReport? Report, IReadOnlyList<GarbageItem> Items, TimeSpan Took, string? Error);

/// <summary>Dry runs of garbage collection: the query of <c>gc --dry-run</c> in the background, one at a time, the last result kept.</summary>
sealed class GarbageLook(DashboardContext context)
{
    const int Listed = 100;
    readonly Lock gate = new();
    Task running = Task.CompletedTask;

    /// <summary>What the last look found, or null.</summary>
    public GarbageFound? Last { get; private set; }

    /// <summary>Whether one is under way.</summary>
    public bool Running => !running.IsCompleted;

    /// <summary>Starts a look, unless one is under way.</summary>
    public void Start(TimeSpan keep, TimeSpan grace)
    {
        lock (gate)
        {
            if (!Running)
            {
                running = Task.Run(() => Last = Look(keep, grace));
            }
        }
    }

    GarbageFound Look(TimeSpan keep, TimeSpan grace)
    {
        var (asOf, start) = (context.Now, context.Options.Time.GetTimestamp());
        try
        {
            var look = GarbageCollector.Look(context.Ledger, new ArtifactStore(context.Paths), keep, grace, Listed);
            var items = context.Ledger.Read(db => look.Largest.Select(i => Explain(db, i, asOf, keep)).ToList());
            return new GarbageFound(asOf, keep, grace, look.Report, items, context.Options.Time.GetElapsedTime(start), null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or WorkflowException)
        {
            return new GarbageFound(asOf, keep, grace, null, [], context.Options.Time.GetElapsedTime(start), fault.Message);
        }
    }

    static GarbageItem Explain(LedgerConnection db, GcItem item, DateTimeOffset now, TimeSpan keep)
    {
        var owner = db.First("SELECT artifact_id, kind, 'manifest' FROM artifact WHERE artifact_id=?1", r => (Id: r.Text(0), Kind: r.Text(1), Name: r.Text(2)), item.Hash);
        if (owner.Id is null)
        {
            owner = db.First("SELECT m.artifact_id, a.kind, m.name FROM artifact_member m JOIN artifact a USING(artifact_id) WHERE m.blob_hash=?1 LIMIT 1", r => (Id: r.Text(0), Kind: r.Text(1), Name: r.Text(2)), item.Hash);
        }

        if (owner.Id is null)
        {
            return new GarbageItem(item, null, null, "", "No artifact names it: its publication was never committed.", null);
        }

        var maker = db.First("SELECT t.run_id, t.state, r.created_us FROM edge e CROSS JOIN attempt t ON t.attempt_id=e.attempt_id CROSS JOIN run r ON r.run_id=t.run_id WHERE e.artifact_id=?1 AND e.dir='out' ORDER BY e.attempt_id DESC LIMIT 1",
            r => (Run: r.Text(0), State: r.Text(1), Created: LedgerTime.FromMicros(r.Number(2))), owner.Id);
        var checkpoint = maker.Run is not null ? default : db.First("SELECT run_id, step, kept FROM checkpoint WHERE artifact_id=?1 LIMIT 1", r => (Run: r.Text(0), Step: r.Number(1), Kept: r.Number(2) == 1), owner.Id);
        var why = maker.Run is not null
            ? maker.State != "committed" ? "The attempt that made it no longer counts: its stage was computed anew."
                : now - maker.Created > keep ? $"No run of the last {keep.TotalDays:0.#} d made or read it; the last that made it is {Format.Ago(maker.Created, now)}." : "No kept run, pin, data set or model slot reaches it."
            : checkpoint.Run is not null ? $"The checkpoint of step {checkpoint.Step:#,0} {(checkpoint.Kept ? "is of a run that is no longer kept" : "gave way to later ones")}." : "No run is left that made it.";
        return new GarbageItem(item, owner.Id, owner.Kind, owner.Name, $"{why} No pin holds it.", maker.Run ?? checkpoint.Run);
    }
}
