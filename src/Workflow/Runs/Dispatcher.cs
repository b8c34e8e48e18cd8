using System.Collections.Concurrent;
using System.Text.Json;
using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Runs;

/// <summary>
/// Executes the runs of this process side by side: takes the ready nodes of all of them in the order of their rank, looks up the memo, claims where a slot is free, drives, and goes on until nothing is left.
/// The engine's rings make it look sooner; without any it looks every sweep.
/// </summary>
sealed class Dispatcher(Home home, IJobEngine engine)
{
    const int Look = 256;
    readonly ConcurrentQueue<ActiveRun> arriving = new();
    readonly ConcurrentQueue<Action<bool>> asked = new();
    readonly ConcurrentDictionary<string, ActiveRun> present = new(StringComparer.Ordinal);
    readonly Dictionary<string, ActiveRun> runs = new(StringComparer.Ordinal);
    readonly Dictionary<string, Driven> driving = new(StringComparer.Ordinal);
    readonly InputCheck inputs = new(home.Ledger, home.Store);
    readonly Liveness liveness = new(home);
    readonly Signal wake = new();
    Task<EngineRing?>? ring;
    volatile bool ended;
    long looked = long.MinValue;
    long ticked = home.Options.Time.GetTimestamp();

    /// <summary>How long ago the loop last came round, on the monotonic clock: what tells a supervisor that it is alive.</summary>
    public TimeSpan SinceTick => home.Options.Time.GetElapsedTime(Volatile.Read(ref ticked));

    /// <summary>Told the key of an alarm that rang.</summary>
    public Action<string>? OnAlarm { get; init; }

    /// <summary>Takes up a run whose nodes are planned.</summary>
    /// <returns>Its state once it has ended here; <c>interrupted</c> where this process stops before.</returns>
    public Task<string> Start(string runId, IRunObserver observer)
    {
        var run = new ActiveRun(runId, observer);
        if (!present.TryAdd(runId, run))
        {
            return present.TryGetValue(runId, out var there) ? there.Ended : Start(runId, observer);
        }

        arriving.Enqueue(run);
        Ring(engine.EnqueueAsync(runId, CancellationToken.None));
        return run.Ended;
    }

    /// <summary>Looks at once for a run that is to be cancelled.</summary>
    public void LookForCancel(string runId) => Ring(engine.CancelAsync(runId, CancellationToken.None));

    /// <summary>Does something between two looks, while nothing is being claimed: with a run as it is executed here, or null where it is not. Cancelled where the loop ends before.</summary>
    public Task<T> BetweenAsync<T>(string runId, Func<ActiveRun?, T> body)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        asked.Enqueue(alive =>
        {
            try
            {
                if (alive)
                {
                    done.SetResult(body(runs.GetValueOrDefault(runId)));
                }
                else
                {
                    done.SetCanceled(CancellationToken.None);
                }
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        });
        wake.Set();
        if (ended)
        {
            Answer(alive: false);
        }

        return done.Task;
    }

    void Answer(bool alive)
    {
        while (asked.TryDequeue(out var body))
        {
            body(alive);
        }
    }

    /// <summary>A ring that fails costs time alone: the sweep looks anyway.</summary>
    static void Ring(Task ringing) => ringing.ContinueWith(t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Whether it executes a run, or is about to.</summary>
    public bool Has(string runId) => present.ContainsKey(runId);

    /// <summary>The runs it executes or is about to.</summary>
    public IReadOnlyList<string> Runs => [.. present.Keys];

    /// <summary>Works until cancelled: then its attempts are stopped and given back, and its runs are interrupted.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(wake.Set);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                wake.Lower();
                Volatile.Write(ref ticked, home.Options.Time.GetTimestamp());
                Admit();
                Answer(alive: true);
                await ReapAsync();
                Watch();
                var retry = home.Claims.Wake();
                if (!Step())
                {
                    await WaitAsync(retry);
                }
            }

            await StopAsync(null);
        }
        catch (Exception fault)
        {
            await StopAsync(fault);
            throw;
        }
        finally
        {
            ended = true;
            Answer(alive: false);
        }
    }

    void Admit()
    {
        while (arriving.TryDequeue(out var run))
        {
            try
            {
                run.Load(home);
                runs.Add(run.RunId, run);
                looked = long.MinValue;
            }
            catch (WorkflowException fault)
            {
                Leave(run);
                Interrupt(run.RunId);
                run.Fail(fault);
            }
        }
    }

    void Leave(ActiveRun run)
    {
        runs.Remove(run.RunId);
        present.TryRemove(run.RunId, out _);
    }

    async Task ReapAsync()
    {
        foreach (var (id, driven) in driving.Where(d => d.Value.Task.IsCompleted).ToList())
        {
            driving.Remove(id);
            driven.Run.Driving--;
            driven.Driver.Dispose();
            await driven.Task;
        }
    }

    /// <summary>Every sweep: dead and silent holders, cancelled runs, runs that have ended.</summary>
    void Watch()
    {
        var now = home.Options.Time.GetTimestamp();
        var due = looked == long.MinValue || home.Options.Time.GetElapsedTime(looked, now) >= home.Options.Sweep;
        if (due)
        {
            looked = now;
            foreach (var run in runs.Values)
            {
                liveness.Look(run.RunId);
            }

            Cancel();
            QueuePauses.Expire(home.Ledger);
        }

        foreach (var run in runs.Values.Where(r => r.Driving == 0).ToList())
        {
            var state = State(run.RunId);
            if (due && !RunStates.Ended(state))
            {
                state = home.Ledger.Write(db => NodeStates.RollUp(db, home.History, run.RunId, home.Now)) ?? state;
            }

            if (RunStates.Ended(state))
            {
                Leave(run);
                StagingFolders.RemoveEmpty(Path.Combine(home.Paths.Staging, run.RunId));
                run.End(state);
            }
        }
    }

    /// <summary>Stops the attempts of runs that are to be cancelled, and those told to stop themselves, without waiting for their heartbeats.</summary>
    void Cancel()
    {
        var (cancelled, stopped) = home.Ledger.Read(db => (
            db.Query("SELECT run_id FROM run WHERE cancel_requested_us IS NOT NULL AND state IN('queued','running','interrupted')", r => r.Text(0)),
            db.Query("SELECT run_id, node_id FROM node WHERE stop IS NOT NULL", r => (r.Text(0), r.Text(1)))));
        foreach (var driven in driving.Values.Where(d => cancelled.Contains(d.Run.RunId) || stopped.Contains((d.Run.RunId, d.Driver.Claim.NodeId))))
        {
            driven.Driver.Stop(StopReason.Cancelled);
        }
    }

    /// <summary>One look at the queue of each slot class; true where something moved.</summary>
    bool Step()
    {
        if (runs.Count == 0)
        {
            return false;
        }

        var moved = false;
        var paused = home.Ledger.Read(db => QueuePauses.Paused(db, home.Now));
        foreach (var slot in Classes)
        {
            // What has its results already is still reused: that needs no slot.
            var full = paused.Contains(slot);
            foreach (var ready in Ready(slot))
            {
                if (!runs.TryGetValue(ready.RunId, out var run))
                {
                    continue;
                }

                try
                {
                    moved |= Take(run, ready, slot, ref full);
                }
                catch (WorkflowException fault)
                {
                    // What cannot be planned on must not stop the others.
                    Leave(run);
                    Interrupt(run.RunId);
                    run.Fail(fault);
                }
            }
        }

        return moved;
    }

    /// <summary>Reuses or claims a ready node; false where it has to wait for a slot.</summary>
    bool Take(ActiveRun run, ReadyNode ready, string slot, ref bool full)
    {
        var nodeId = ready.NodeId;
        var node = run.Nodes[nodeId];
        if (ready.Losses >= node.Spec.Retry.Losses)
        {
            return home.Claims.Overlost(run.RunId, nodeId, node.Spec);
        }

        var looked = run.Missed.TryGetValue(nodeId, out var found);
        if (!looked)
        {
            if (TryReuse(run, node, ready.Forced, out found))
            {
                return true;
            }

            run.Missed.Add(nodeId, found!);
        }

        if (!full && !ready.Forced && Same(run, nodeId, found!.Key, looked, out var reused))
        {
            return reused;
        }

        if (full || home.Claims.TryClaim(run.RunId, nodeId, slot, found!.Key, found.Why) is not { } claim)
        {
            full = true;
            return false;
        }

        run.Missed.Remove(nodeId);
        run.Driving++;
        var driver = new AttemptDriver(home, run.Job, node, found.Inputs, found.Key, claim, run.Observer, inputs);
        driving.Add(claim.AttemptId, new Driven(run, driver, found.Key.Hash, DriveAsync(driver)));
        return true;
    }

    /// <summary>The classes nodes are queued by; one without a slot here is only looked up.</summary>
    IEnumerable<string> Classes => home.Options.Slots.Keys.Union(["cpu", "gpu"], StringComparer.Ordinal);

    /// <summary>The first ready nodes of this process's runs. Where only others' stand in front, all are looked through.</summary>
    List<ReadyNode> Ready(string slot)
    {
        var first = Read(Look);
        var mine = first.FindAll(n => runs.ContainsKey(n.RunId));
        return mine.Count > 0 || first.Count < Look ? mine : Read(-1).FindAll(n => runs.ContainsKey(n.RunId));

        List<ReadyNode> Read(int limit) => home.Ledger.Read(db => Head(db, slot, limit));
    }

    /// <summary>The head of a slot class's queue over all runs, in the order of rank: read from the index alone but for the nodes returned.</summary>
    internal static List<ReadyNode> Head(LedgerConnection db, string slot, int limit) => db.Query(
        "SELECT run_id, node_id, infra_losses, forced FROM node WHERE state='ready' AND slot_class=?1 ORDER BY rank_us, ordinal, node_id LIMIT ?2",
        r => new ReadyNode(r.Text(0), r.Text(1), r.Number(2), r.Number(3) == 1), slot, limit);

    /// <summary>
    /// Runs beside each other may want the same: while an attempt here computes a key, another node with that key waits for its outputs; and what was looked up some time ago is asked once more.
    /// </summary>
    /// <returns>Whether the node is not to be computed now; <paramref name="reused"/> where it has its outputs.</returns>
    bool Same(ActiveRun run, string nodeId, MemoKey key, bool looked, out bool reused)
    {
        reused = false;
        if (driving.Values.Any(d => d.Key == key.Hash))
        {
            return true;
        }

        if (!looked || MemoLookup.Find(home, key) is not { } hit || !home.Claims.Reuse(run.RunId, nodeId, key, hit.AttemptId))
        {
            return false;
        }

        run.Missed.Remove(nodeId);
        reused = Reused(run, nodeId, hit.RunId);
        return true;
    }

    bool Reused(ActiveRun run, string nodeId, string from)
    {
        run.Observer.NodeReused(nodeId, from);
        home.Views.Make(run.RunId, nodeId);
        return true;
    }

    bool TryReuse(ActiveRun run, PlannedNode node, bool forced, out Looked? found)
    {
        var nodeId = node.NodeId;
        var loaded = home.Ledger.Read(db => NodeInputs.Load(db, home.Store, run.RunId, node));
        var key = MemoKey.Of(run.Job, node, loaded, home.Options.EnvironmentClass());
        found = null;
        if (!forced && MemoLookup.Find(home, key) is { } hit && home.Claims.Reuse(run.RunId, nodeId, key, hit.AttemptId))
        {
            return Reused(run, nodeId, hit.RunId);
        }

        found = new Looked(loaded, key, JsonSerializer.Serialize(home.Ledger.Read(db => WhyExplainer.Explain(db, node, key))));
        return false;
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
            wake.Set();
        }
    }

    /// <summary>Waits for a ring, the end of an attempt, the next try that is due, or the sweep. A ring that is being waited for is kept over the turns: none is lost.</summary>
    async Task WaitAsync(long? retry)
    {
        var wait = home.Options.Sweep;
        if (retry is { } due && due - home.Now is var micros && micros < wait.TotalMicroseconds)
        {
            wait = TimeSpan.FromMicroseconds(Math.Max(micros, 1000));
        }

        ring ??= engine.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask();
        using var limit = new CancellationTokenSource();
        Task sweep = Task.Delay(wait, home.Options.Time, limit.Token), woken = wake.WaitAsync();
        await (ring.IsCompleted ? Task.WhenAny(woken, sweep) : Task.WhenAny(ring, woken, sweep));
        await limit.CancelAsync();

        // An engine that has ended answers null for ever: the sweep goes on alone.
        if (!ring.IsCompleted || await ring is not { } rang)
        {
            return;
        }

        ring = null;
        if (rang.Kind == RingKind.Alarm)
        {
            OnAlarm?.Invoke(rang.Key);
        }
        else if (rang.Kind == RingKind.Cancel)
        {
            looked = long.MinValue;
        }
    }

    async Task StopAsync(Exception? fault)
    {
        foreach (var driven in driving.Values)
        {
            driven.Driver.Stop(StopReason.Stopping);
        }

        await Task.WhenAll(driving.Values.Select(d => d.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var driven in driving.Values)
        {
            driven.Driver.Dispose();
        }

        driving.Clear();
        foreach (var run in runs.Values.Concat(arriving))
        {
            if (fault is not null)
            {
                run.Fail(fault);
                continue;
            }

            run.End(Interrupt(run.RunId));
        }
    }

    string State(string runId) => home.Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!;

    string Interrupt(string runId) => home.Ledger.Write(db =>
    {
        if (db.Execute("UPDATE run SET state='interrupted' WHERE run_id=?1 AND state IN('queued','running')", runId) == 1)
        {
            RunRows.Park(db, runId);
            home.History.Add(db, "run.interrupted", runId);
        }

        return db.Text("SELECT state FROM run WHERE run_id=?1", runId)!;
    });

    internal readonly record struct ReadyNode(string RunId, string NodeId, long Losses, bool Forced);

    sealed record Driven(ActiveRun Run, AttemptDriver Driver, string Key, Task Task);
}
