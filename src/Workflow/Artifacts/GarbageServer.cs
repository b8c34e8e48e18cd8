using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Artifacts;

/// <summary>Carries out the garbage collections that people asked for, one after the other, in the process that serves the home. One that was cut off by a kill is done anew by the next serve: collecting twice changes nothing more.</summary>
/// <param name="paths">The home.</param>
/// <param name="time">Clock.</param>
public sealed class GarbageServer(HomePaths paths, TimeProvider time)
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var reader = LedgerDb.OpenRead(paths.Ledger, time);
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                if (reader.Read(db => db.Number("SELECT COUNT(*) FROM (SELECT 1 FROM gc_act WHERE ended_us IS NULL LIMIT 1)")) > 0)
                {
                    await Task.Run(TakeAll, cancellationToken);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Carries out all that is asked for and not done.</summary>
    public void TakeAll()
    {
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        var store = new ArtifactStore(paths);
        foreach (var (id, keep, grace) in ledger.Read(db => db.Query("SELECT gc_id, keep_s, grace_s FROM gc_act WHERE ended_us IS NULL ORDER BY asked_us, gc_id", r => (r.Text(0), r.Number(1), r.Number(2)))))
        {
            ledger.Write(db => db.Execute("UPDATE gc_act SET started_us=?2 WHERE gc_id=?1", id, time.Micros()));
            string? report = null, error = null;
            try
            {
                report = JsonSerializer.Serialize(GarbageCollector.Collect(ledger, store, TimeSpan.FromSeconds(keep), TimeSpan.FromSeconds(grace), dryRun: false));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or WorkflowException)
            {
                error = fault.Message;
            }

            ledger.Write(db => db.Execute("UPDATE gc_act SET ended_us=?2, report_json=?3, error=?4 WHERE gc_id=?1", id, time.Micros(), report, error));
        }
    }
}
