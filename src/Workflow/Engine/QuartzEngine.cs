using Quartz;
using Workflow.Artifacts;
using Workflow.Runs;

namespace Workflow.Engine;

/// <summary>
/// Quartz as the doorbell, its store a SQLite file of its own in the home. Alarms are triggers: they survive a restart and ring when they are late. A ring for now reaches the consumer through memory at once;
/// it is written to the store only where nobody has dealt with it after <see cref="Grace"/>, in the background, so the ledger's commits never wait for Quartz.
/// A trigger is unfinished until its ring is dealt with, so a crash in between rings again after the restart, under whatever instance id.
/// Nothing depends on that: a store that is lost, damaged or replaced is made anew while running and holds what is still wanted; the ledger declares the rest.
/// Continuations of Quartz are not used, as they do not survive a crash: the successor of a stage is a row of the ledger.
/// </summary>
/// <param name="home">The home.</param>
/// <param name="time">Clock of the wanted.</param>
public sealed class QuartzEngine(HomePaths home, TimeProvider time) : IJobEngine
{
    readonly Bell bell = new(time);
    readonly Lock gate = new();
    readonly Dictionary<string, DateTimeOffset> wanted = new(StringComparer.Ordinal);
    readonly SemaphoreSlim storing = new(1, 1);
    QuartzStore? store;
    QuartzHost? host;
    DurableRings? durable;
    EngineLock? held;
    ITimer? checking;
    DateTimeOffset since;
    DateTimeOffset seen;
    int looking;
    bool ended;

    /// <inheritdoc/>
    public string Name => "quartz";

    /// <summary>This scheduler's id in the store; fixed, so that it recovers what it left.</summary>
    public string InstanceId { get; init; } = "workflow";

    /// <summary>How long a ring may wait for its consumer before it is written to the store; 250 ms.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the store is looked at, and an alarm that Quartz failed to ring is rung; 5 s.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Takes a line about an error or a store made anew.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        await storing.WaitAsync(cancellationToken);
        try
        {
            if (host is not null)
            {
                return;
            }

            Directory.CreateDirectory(home.Root);
            held = await EngineLock.AcquireAsync(home.EngineLock, home.Engine, cancellationToken);
            store = new QuartzStore(home, QuartzHost.SchedulerName, InstanceId, time, Log);
            durable = new DurableRings(time, Grace, (ring, stop) => StoreAsync(h => h.KeepAsync(ring, stop), stop));
            try
            {
                await OpenAsync(cancellationToken);
            }
            catch (SchedulerException fault)
            {
                throw new WorkflowException($"The engine's store {home.Engine} cannot be used: {fault.GetBaseException().Message}", inner: fault);
            }

            since = seen = time.GetUtcNow();
            durable.Start();
            checking = time.CreateTimer(_ => Look(), null, CheckEvery, CheckEvery);
        }
        catch
        {
            store?.Close();
            held?.Dispose();
            held = null;
            throw;
        }
        finally
        {
            storing.Release();
        }
    }

    /// <inheritdoc/>
    public Task EnqueueAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        RingNow(new EngineRing(RingKind.Run, runId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CancelAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        RingNow(new EngineRing(RingKind.Cancel, runId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (due <= time.GetUtcNow())
        {
            await UnscheduleAsync(key, cancellationToken);
            RingNow(new EngineRing(RingKind.Alarm, key));
            return;
        }

        lock (gate)
        {
            wanted[key] = due;
        }

        await StoreAsync(h => h.SetAsync(new EngineAlarm(key, due), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task UnscheduleAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        bool had;
        lock (gate)
        {
            had = wanted.Remove(key);
        }

        if (had)
        {
            await StoreAsync(h => h.RemoveAsync([key], cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RedeclareAsync(IReadOnlyList<EngineAlarm> alarms, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var overdue = new List<string>();
        lock (gate)
        {
            wanted.Clear();
            foreach (var alarm in alarms)
            {
                ArgumentException.ThrowIfNullOrEmpty(alarm.Key);
                wanted[alarm.Key] = alarm.Due;
            }

            foreach (var (key, _) in wanted.Where(a => a.Value <= now).ToList())
            {
                wanted.Remove(key);
                overdue.Add(key);
            }
        }

        await StoreAsync(h => ReconcileAsync(h, cancellationToken), cancellationToken);
        overdue.ForEach(key => RingNow(new EngineRing(RingKind.Alarm, key)));
        foreach (var run in runs)
        {
            RingNow(new EngineRing(RingKind.Run, run));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineAlarm>> ScheduledAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<EngineAlarm>>([.. wanted.Select(a => new EngineAlarm(a.Key, a.Value)).OrderBy(a => a.Due).ThenBy(a => a.Key, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineInstance>> AliveAsync(CancellationToken cancellationToken)
    {
        var self = ProcessIdentity.Current;
        return Task.FromResult<IReadOnlyList<EngineInstance>>(held is null ? [] : [new EngineInstance(InstanceId, self.Host, self.Pid, since, seen)]);
    }

    /// <inheritdoc/>
    public ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => bell.WaitAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (ended)
        {
            return;
        }

        ended = true;
        bell.Close();
        if (checking is not null)
        {
            await checking.DisposeAsync();
        }

        if (durable is not null)
        {
            await durable.DisposeAsync();
        }

        await storing.WaitAsync();
        try
        {
            if (host is not null)
            {
                await host.DisposeAsync();
                host = null;
            }

            store?.Close();
            held?.Dispose();
            held = null;
        }
        finally
        {
            storing.Release();
        }
    }

    void RingNow(EngineRing ring)
    {
        var (handled, first) = bell.Ring(ring);
        if (first)
        {
            durable?.Put(ring, handled);
        }
    }

    /// <summary>A trigger fired.</summary>
    async Task RungAsync(EngineRing ring, bool alarm, CancellationToken cancellationToken)
    {
        if (alarm)
        {
            lock (gate)
            {
                // Not wanted any more, moved, or rung already: it fired while it was being taken away.
                if (!wanted.TryGetValue(ring.Key, out var due) || due > time.GetUtcNow())
                {
                    return;
                }

                wanted.Remove(ring.Key);
            }
        }

        await (durable?.Take(ring) ?? bell.Ring(ring).Handled).WaitAsync(cancellationToken);
    }

    /// <summary>Opens the store, made anew where Quartz cannot use it, and starts a scheduler that holds the alarms that are wanted.</summary>
    async Task OpenAsync(CancellationToken cancellationToken)
    {
        store!.Open();
        QuartzHost opened;
        try
        {
            opened = await CreateAsync(cancellationToken);
        }
        catch (SchedulerException fault) when (fault is not ObjectAlreadyExistsException)
        {
            store.SetAside(fault.GetBaseException().Message);
            store.Open();
            opened = await CreateAsync(cancellationToken);
        }

        try
        {
            var found = await opened.AlarmsAsync(cancellationToken);
            if (since == default)
            {
                lock (gate)
                {
                    foreach (var (key, due) in found)
                    {
                        if (due is { } at)
                        {
                            wanted.TryAdd(key, at);
                        }
                    }
                }
            }

            await ReconcileAsync(opened, cancellationToken);
            await opened.StartAsync(cancellationToken);
            host = opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    Task<QuartzHost> CreateAsync(CancellationToken cancellationToken) =>
        QuartzHost.CreateAsync(store!.ConnectionString, InstanceId, time, new RingDoor(RungAsync), new QuartzLog(time, Log, Look), cancellationToken);

    /// <summary>Makes the store hold exactly the alarms that are wanted; those that are set alike are not touched.</summary>
    async Task ReconcileAsync(QuartzHost target, CancellationToken cancellationToken)
    {
        List<EngineAlarm> goal;
        lock (gate)
        {
            goal = [.. wanted.Select(a => new EngineAlarm(a.Key, a.Value))];
        }

        var found = (await target.AlarmsAsync(cancellationToken)).ToDictionary(a => a.Key, a => a.Due, StringComparer.Ordinal);
        foreach (var alarm in goal)
        {
            if (!found.Remove(alarm.Key, out var due) || due != alarm.Due)
            {
                await target.SetAsync(alarm, cancellationToken);
            }
        }

        var gone = found.Where(f => f.Value is not null).Select(f => f.Key).ToList();
        if (gone.Count > 0)
        {
            await target.RemoveAsync(gone, cancellationToken);
        }
    }

    /// <summary>Does something to the store, one at a time; where that fails the store is made anew. What is wanted is in memory already, so nothing is lost but durability.</summary>
    async Task StoreAsync(Func<QuartzHost, Task> work, CancellationToken cancellationToken)
    {
        await storing.WaitAsync(cancellationToken);
        try
        {
            if (held is null || ended)
            {
                return;
            }

            if (host is null || store!.Look(out _) is not null)
            {
                await RepairAsync(store!.Look(out _) ?? "was not open", cancellationToken);
            }

            try
            {
                if (host is not null)
                {
                    await work(host);
                }
            }
            catch (SchedulerException fault)
            {
                await RepairAsync(fault.GetBaseException().Message, cancellationToken);
            }
        }
        finally
        {
            storing.Release();
        }
    }

    /// <summary>Looks at the store in the background, unless somebody is looking.</summary>
    void Look()
    {
        if (ended || Interlocked.Exchange(ref looking, 1) == 1)
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception fault)
            {
                Log($"The engine's store {home.Engine} could not be checked: {fault.Message}");
            }
            finally
            {
                Volatile.Write(ref looking, 0);
            }
        });
    }

    async Task CheckAsync()
    {
        var late = time.GetUtcNow() - CheckEvery;
        List<string> forgotten;
        lock (gate)
        {
            forgotten = [.. wanted.Where(a => a.Value < late).Select(a => a.Key)];
            forgotten.ForEach(key => wanted.Remove(key));
        }

        forgotten.ForEach(key => RingNow(new EngineRing(RingKind.Alarm, key)));
        await storing.WaitAsync();
        try
        {
            if (ended || held is null)
            {
                return;
            }

            var wrong = store!.Look(out var stored);
            if (host is null || wrong is not null)
            {
                await RepairAsync(wrong ?? "was not open", CancellationToken.None);
                return;
            }

            var now = time.GetUtcNow();
            bool complete;
            lock (gate)
            {
                complete = wanted.All(a => a.Value <= now || stored.Contains(a.Key));
            }

            if (!complete)
            {
                await ReconcileAsync(host, CancellationToken.None);
            }

            seen = now;
        }
        finally
        {
            storing.Release();
        }
    }

    /// <summary>Sets the store aside and starts over with a new one. Where even that fails the next look tries again.</summary>
    async Task RepairAsync(string why, CancellationToken cancellationToken)
    {
        try
        {
            if (host is not null)
            {
                var broken = host;
                host = null;
                await broken.DisposeAsync();
            }

            durable!.Forget();
            if (!File.Exists(home.Engine))
            {
                Log($"The engine's store {home.Engine} {why}; made anew with the alarms that are wanted.");
            }

            store!.SetAside(why);
            await OpenAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is SchedulerException or WorkflowException or IOException or UnauthorizedAccessException)
        {
            Log($"The engine's store {home.Engine} could not be made anew, alarms ring up to {CheckEvery.TotalSeconds:0} s late until it can: {fault.Message}");
        }
    }
}
