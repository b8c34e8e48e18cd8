using System.Collections.Concurrent;
using DataPrep;
using Workflow.Engine;

namespace Workflow.Runs;

/// <summary>Takes requests from the ledger and executes their runs side by side; slots keep them within the machine.</summary>
sealed class RequestServer(Home home, Func<string, IRunObserver> observerOf) : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);
    readonly InputCheck inputs = new(home.Ledger, home.Store);
    readonly CancellationTokenSource stopping = new();

    /// <summary>Executes a run in the background.</summary>
    public void Start(string runId)
    {
        if (running.TryGetValue(runId, out var task) && !task.IsCompleted)
        {
            return;
        }

        running[runId] = Task.Run(async () =>
        {
            await using var engine = new InlineEngine(home.Options.Time);
            await new Scheduler(home, engine, observerOf(runId), inputs, runId).RunAsync(stopping.Token);
        });
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(stopping.Cancel);
        using var timer = new PeriodicTimer(home.Options.Sweep, home.Options.Time);
        try
        {
            do
            {
                foreach (var request in home.Ledger.Read(db => db.Query("SELECT request_id, kind, run_id, payload, actor, reason FROM request WHERE done_us IS NULL ORDER BY created_us, request_id",
                    r => (Id: r.Text(0), Kind: r.Text(1), RunId: r.TextOrNull(2), Payload: r.TextOrNull(3), Actor: r.Text(4), Reason: r.TextOrNull(5)))))
                {
                    string? error = null;
                    try
                    {
                        Take(request.Kind, request.RunId, request.Payload, new RunRequest(request.Actor, Reason: request.Reason, RunId: request.RunId));
                    }
                    catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
                    {
                        error = fault.Message;
                    }

                    home.Ledger.Write(db => db.Execute("UPDATE request SET taken_us=?2, done_us=?2, error=?3 WHERE request_id=?1", request.Id, home.Now, error));
                }

                foreach (var (id, task) in running.Where(r => r.Value.IsCompleted).ToList())
                {
                    running.TryRemove(id, out _);
                    await task;
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    void Take(string kind, string? runId, string? payload, RunRequest request)
    {
        var rows = new RunRows(home);
        switch (kind)
        {
            case "run":
                // A serve that died between making the run and closing the request finds it made.
                if (home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM run WHERE run_id=?1", runId)) == 0)
                {
                    rows.Create(home.Options.JobFromJson(payload!), request);
                }

                Start(runId!);
                break;
            case "resume":
                if (running.TryGetValue(runId!, out var task) && !task.IsCompleted)
                {
                    break;
                }

                if (rows.Resume(runId!, request.Actor))
                {
                    Start(runId!);
                }

                break;
            case "cancel":
                RunRows.RequestCancel(home.Ledger, runId!, request.Actor);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running.Values);
        stopping.Dispose();
    }
}
