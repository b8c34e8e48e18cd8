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
/// <param name="time">Clock of the alarms.</param>
public sealed class QuartzEngine(HomePaths home, TimeProvider time) : IJobEngine
{
    readonly Bell bell = new(time);
    readonly WantedAlarms wanted = new();
    readonly SemaphoreSlim starting = new(1, 1);
    QuartzSession? session;
    DurableRings? durable;
    ITimer? checking;
    DateTimeOffset since;
    bool ended;

    /// <inheritdoc/>
    public string Name => "quartz";

    /// <summary>This scheduler's id in the store; fixed, so that it recovers what it left.</summary>
    public string InstanceId { get; init; } = "workflow";

    /// <summary>How long a ring may wait for its consumer before it is written to the store; 250 ms.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the store is looked at, and an alarm that Quartz failed to ring is rung; 5 s.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Takes a line about an error, or about a store made anew.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await starting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(ended, this);
            if (session is not null)
            {
                return;
            }

            var opening = new QuartzSession(home, InstanceId, time, wanted, new RingDoor(RungAsync), Log);
            durable = new DurableRings(time, Grace, (ring, stop) => opening.DoAsync(h => h.KeepAsync(ring, stop), stop), Log);
            await opening.StartAsync(cancellationToken);
            session = opening;
            since = time.GetUtcNow();
            durable.Start();
            checking = time.CreateTimer(_ => Check(opening), null, CheckEvery, CheckEvery);
        }
        finally
        {
            starting.Release();
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

        var alarm = new EngineAlarm(key, due);
        wanted.Set(alarm);
        if (session is { } open)
        {
            await open.DoAsync(h => h.SetAsync([alarm], cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task UnscheduleAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (wanted.Remove(key) && session is { } open)
        {
            await open.DoAsync(h => h.RemoveAsync([key], cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RedeclareAsync(IReadOnlyList<EngineAlarm> alarms, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        wanted.Become(alarms);
        var overdue = wanted.TakeAll(time.GetUtcNow());
        if (session is { } open)
        {
            await open.ReconcileAsync(cancellationToken);
        }

        overdue.ForEach(key => RingNow(new EngineRing(RingKind.Alarm, key)));
        foreach (var run in runs)
        {
            RingNow(new EngineRing(RingKind.Run, run));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineAlarm>> ScheduledAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<EngineAlarm>>(wanted.All());

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineInstance>> AliveAsync(CancellationToken cancellationToken)
    {
        var self = ProcessIdentity.Current;
        return Task.FromResult<IReadOnlyList<EngineInstance>>(session?.Seen is { } seen ? [new EngineInstance(InstanceId, self.Host, self.Pid, since, seen)] : []);
    }

    /// <inheritdoc/>
    public ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => bell.WaitAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await starting.WaitAsync();
        try
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

            if (session is not null)
            {
                await session.DisposeAsync();
            }
        }
        finally
        {
            starting.Release();
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
    Task RungAsync(EngineRing ring, bool alarm, CancellationToken cancellationToken)
    {
        if (alarm && !wanted.Take(ring.Key, time.GetUtcNow()))
        {
            // It fired while it was being taken away, moved, or rung by the check.
            return Task.CompletedTask;
        }

        return (durable?.Take(ring) ?? bell.Ring(ring).Handled).WaitAsync(cancellationToken);
    }

    void Check(QuartzSession open)
    {
        wanted.TakeAll(time.GetUtcNow() - CheckEvery).ForEach(key => RingNow(new EngineRing(RingKind.Alarm, key)));
        open.Look();
    }
}
