using Workflow.Runs;

namespace Workflow.Engine;

/// <summary>An engine within the process: a queue of rings and one timer. Keeps nothing over a restart, and need not: everything is declared again from the ledger.</summary>
/// <param name="time">Clock of the alarms.</param>
public sealed class InlineEngine(TimeProvider time) : IJobEngine
{
    readonly Bell bell = new(time);
    readonly Lock gate = new();
    readonly AlarmClock clock = new(time);
    DateTimeOffset? since;
    bool ended;

    /// <inheritdoc/>
    public string Name => "inline";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(ended, this);
            since ??= time.GetUtcNow();
            clock.Start(key => _ = bell.Ring(new EngineRing(RingKind.Alarm, key)));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task EnqueueAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        _ = bell.Ring(new EngineRing(RingKind.Run, runId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CancelAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        _ = bell.Ring(new EngineRing(RingKind.Cancel, runId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        clock.Set(key, due);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UnscheduleAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        clock.Remove(key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RedeclareAsync(IReadOnlyList<EngineAlarm> alarms, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        clock.Become(alarms);
        foreach (var run in runs)
        {
            _ = bell.Ring(new EngineRing(RingKind.Run, run));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineAlarm>> ScheduledAsync(CancellationToken cancellationToken) => Task.FromResult(clock.Alarms());

    /// <inheritdoc/>
    public Task<IReadOnlyList<EngineInstance>> AliveAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var self = ProcessIdentity.Current;
            return Task.FromResult<IReadOnlyList<EngineInstance>>(since is { } start && !ended ? [new EngineInstance("inline", self.Host, self.Pid, start, time.GetUtcNow())] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => bell.WaitAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            ended = true;
        }

        clock.Dispose();
        bell.Close();
        return ValueTask.CompletedTask;
    }
}
