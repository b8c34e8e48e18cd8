using Workflow.Engine;
using Workflow.Jobs;

namespace Workflow.Runs;

/// <summary>Executes the nodes of one run as they become ready: looks up the memo, claims, drives, and goes on until nothing is left. Slots are counted in the ledger, so runs may go side by side.</summary>
sealed class Scheduler(Home home, IJobEngine engine, IRunObserver observer, InputCheck inputs, string runId)
{
    readonly Dictionary<string, (AttemptDriver Driver, Task Task)> driving = new(StringComparer.Ordinal);
    readonly Dictionary<string, (NodeInputs Inputs, MemoKey Key, string Why)> missed = new(StringComparer.Ordinal);
    readonly Liveness liveness = new(home);
    JobSpec? job;
    Dictionary<string, PlannedNode> nodes = [];

    /// <summary>Runs until the run has ended, or until cancelled: then its attempts are stopped and given back, and the run is interrupted.</summary>
    /// <returns>The run's state.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        (job, nodes) = new RunRows(home).Load(runId);
        observer.RunStarted(runId, job.Name, nodes.Count);
        using var registration = cancellationToken.Register(() => _ = engine.EnqueueAsync(runId, CancellationToken.None));
        var state = "interrupted";
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await ReapAsync();
                liveness.Look(runId);
                var progressed = Step();
                state = State();
                if (RunStates.Ended(state) && driving.Count == 0)
                {
                    break;
                }

                if (!progressed)
                {
                    await WaitAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            await StopAllAsync();
        }

        if (!RunStates.Ended(state))
        {
            state = Interrupt();
        }

        observer.RunEnded(runId, state);
        return state;
    }

    /// <summary>One look at the ledger; true where something moved.</summary>
    bool Step()
    {
        var moved = false;
        var ready = home.Ledger.Read(db => db.Query("""
            SELECT node_id, slot_class FROM node WHERE run_id=?1 AND (state='ready' OR state='retry_wait' AND eligible_us<=?2) ORDER BY priority DESC, ordinal, kind='gather', node_id
            """, r => (Id: r.Text(0), Slot: r.Text(1)), runId, home.Now));
        if (ready.Count == 0)
        {
            return home.Ledger.Read(db => db.Number("SELECT cancel_requested_us IS NOT NULL FROM run WHERE run_id=?1 AND state IN('queued','running')", runId)) == 1 && Roll();
        }

        var full = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, slot) in ready)
        {
            var node = nodes[id];
            if (!missed.TryGetValue(id, out var found))
            {
                if (TryReuse(node, out found))
                {
                    moved = true;
                    continue;
                }

                missed.Add(id, found);
            }

            if (full.Contains(slot))
            {
                continue;
            }

            if (home.Claims.TryClaim(runId, id, slot, found.Key, found.Why) is not { } claim)
            {
                full.Add(slot);
                continue;
            }

            missed.Remove(id);
            var driver = new AttemptDriver(home, job!, node, found.Inputs, found.Key, claim, observer, inputs);
            driving.Add(claim.AttemptId, (driver, DriveAsync(driver)));
            moved = true;
        }

        return moved | (ready.Count > 0 && driving.Count == 0 && Roll());
    }

    async Task DriveAsync(AttemptDriver driver)
    {
        await Task.Yield();
        try
        {
            await driver.RunAsync();
        }
        finally
        {
            await engine.EnqueueAsync(runId, CancellationToken.None);
        }
    }

    bool TryReuse(PlannedNode node, out (NodeInputs Inputs, MemoKey Key, string Why) found)
    {
        var loaded = home.Ledger.Read(db => NodeInputs.Load(db, home.Store, runId, node));
        var key = MemoKey.Of(job!, node, loaded, home.Options.EnvironmentClass());
        if (MemoLookup.Find(home, key) is { } hit && home.Claims.Reuse(runId, node.NodeId, key, hit.AttemptId))
        {
            found = default;
            observer.NodeReused(node.NodeId, hit.RunId);
            home.Views.Make(runId, node.NodeId);
            return true;
        }

        var why = home.Ledger.Read(db => WhyExplainer.Explain(db, node, key));
        found = (loaded, key, System.Text.Json.JsonSerializer.Serialize(why));
        return false;
    }

    async Task ReapAsync()
    {
        foreach (var (id, (driver, task)) in driving.Where(d => d.Value.Task.IsCompleted).ToList())
        {
            driving.Remove(id);
            driver.Dispose();
            await task;
        }
    }

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        var next = home.Ledger.Read(db => db.First("SELECT MIN(eligible_us) FROM node WHERE run_id=?1 AND state='retry_wait'", r => r.NumberOrNull(0), runId));
        var wait = home.Options.Sweep;
        if (next is { } due && due - home.Now is var micros && micros < wait.TotalMicroseconds)
        {
            wait = TimeSpan.FromMicroseconds(Math.Max(micros, 1000));
        }

        await engine.WaitAsync(wait, cancellationToken);
    }

    async Task StopAllAsync()
    {
        foreach (var (driver, _) in driving.Values)
        {
            driver.Stop(StopReason.Stopping);
        }

        await Task.WhenAll(driving.Values.Select(d => d.Task));
        foreach (var (driver, _) in driving.Values)
        {
            driver.Dispose();
        }

        driving.Clear();
    }

    string State() => home.Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!;

    bool Roll() => home.Ledger.Write(db => NodeStates.RollUp(db, home.History, runId, home.Now)) is not null;

    string Interrupt() => home.Ledger.Write(db =>
    {
        if (db.Execute("UPDATE run SET state='interrupted' WHERE run_id=?1 AND state IN('queued','running')", runId) == 1)
        {
            home.History.Add(db, "run.interrupted", runId);
        }

        return db.Text("SELECT state FROM run WHERE run_id=?1", runId)!;
    });
}
