namespace Workflow.Tests.Outside;

/// <summary>A clock that stands still until it is moved; its timers fire as it passes them.</summary>
sealed class SteppedTime : TimeProvider
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    readonly Lock gate = new();
    readonly List<StepTimer> armed = [];
    TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref now);

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new StepTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what is due.</summary>
    public void Advance(TimeSpan by)
    {
        List<StepTimer> due;
        lock (gate)
        {
            now += by.Ticks;
            due = [.. armed.Where(t => t.Due <= now)];
            armed.RemoveAll(due.Contains);
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    /// <summary>Waits until a timer is armed whose wait fits, and moves the clock there. Returns the wait.</summary>
    public async Task<TimeSpan> PassAsync(Func<TimeSpan, bool> fits, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            TimeSpan? wait = null;
            lock (gate)
            {
                next = changed.Task;
                var found = armed.Where(t => fits(t.Wait)).OrderBy(t => t.Due).FirstOrDefault();
                wait = found is null ? null : TimeSpan.FromTicks(Math.Max(found.Due - now, 0));
                if (found is not null)
                {
                    wait = found.Wait;
                }
            }

            if (wait is { } passed)
            {
                Advance(passed);
                return passed;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Passes every wait that fits until cancelled.</summary>
    public async Task PassAllAsync(Func<TimeSpan, bool> fits, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await PassAsync(fits, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    sealed class StepTimer(SteppedTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; }

        public TimeSpan Wait { get; private set; }

        TimeSpan period;

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time.gate)
            {
                time.armed.Remove(this);
                period = newPeriod;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    return true;
                }

                (Wait, Due) = (dueTime, time.now + dueTime.Ticks);
                time.armed.Add(this);
                Interlocked.Exchange(ref time.changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                return true;
            }
        }

        public void Fire()
        {
            if (period > TimeSpan.Zero)
            {
                Change(period, period);
            }

            callback(state);
        }

        public void Dispose()
        {
            lock (time.gate)
            {
                time.armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
