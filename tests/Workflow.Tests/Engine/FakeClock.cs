namespace Workflow.Tests.Engine;

/// <summary>A clock with timers that tests move; both the wall clock and elapsed time go along, unless only the wall clock is set.</summary>
sealed class FakeClock(DateTimeOffset start) : TimeProvider
{
    readonly Lock gate = new();
    readonly List<Alarm> alarms = [];
    TimeSpan elapsed;
    TimeSpan skew;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return elapsed.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return start + elapsed + skew;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Lets time pass; timers that come due are called in order, each at its time.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan until;
        lock (gate)
        {
            until = elapsed + by;
        }

        while (true)
        {
            Alarm? next;
            lock (gate)
            {
                next = alarms.Where(a => a.Due <= until).MinBy(a => a.Due);
                elapsed = next is null ? until : next.Due > elapsed ? next.Due!.Value : elapsed;
                next?.Next();
            }

            if (next is null)
            {
                return;
            }

            next.Call();
        }
    }

    /// <summary>Sets the wall clock forward or back; no timer notices.</summary>
    public void Jump(TimeSpan by)
    {
        lock (gate)
        {
            skew += by;
        }
    }

    sealed class Alarm(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan interval = Timeout.InfiniteTimeSpan;

        public TimeSpan? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var now = false;
            lock (clock.gate)
            {
                interval = period;
                now = dueTime == TimeSpan.Zero;
                Due = dueTime < TimeSpan.Zero || now ? null : clock.elapsed + dueTime;
                clock.alarms.Remove(this);
                if (Due is not null)
                {
                    clock.alarms.Add(this);
                }
            }

            if (now)
            {
                ThreadPool.QueueUserWorkItem(_ => Call());
            }

            return true;
        }

        public void Next()
        {
            if (interval > TimeSpan.Zero)
            {
                Due += interval;
            }
            else
            {
                clock.alarms.Remove(this);
            }
        }

        public void Call() => callback(state);

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
