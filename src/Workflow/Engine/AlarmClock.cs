namespace Workflow.Engine;

/// <summary>
/// Alarms by key on one timer. Due times are wall-clock times and a timer counts elapsed time, so it looks again at least every few seconds: a clock that was set forward or back is noticed then.
/// </summary>
sealed class AlarmClock(TimeProvider time) : IDisposable
{
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    readonly Lock gate = new();
    readonly Dictionary<string, DateTimeOffset> due = new(StringComparer.Ordinal);
    readonly SortedSet<EngineAlarm> order = new(Comparer<EngineAlarm>.Create((a, b) => a.Due.CompareTo(b.Due) is var c and not 0 ? c : string.CompareOrdinal(a.Key, b.Key)));
    Action<string>? ring;
    ITimer? timer;
    bool ended;

    /// <summary>Begins to ring; alarms set before are kept until now.</summary>
    public void Start(Action<string> onDue)
    {
        lock (gate)
        {
            ring = onDue;
            timer ??= time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        Look();
    }

    /// <summary>Sets the alarm of a key.</summary>
    public void Set(string key, DateTimeOffset at)
    {
        lock (gate)
        {
            Put(key, at);
        }

        Look();
    }

    /// <summary>Forgets the alarm of a key.</summary>
    public void Remove(string key)
    {
        lock (gate)
        {
            Drop(key);
        }
    }

    /// <summary>Holds exactly these alarms afterwards.</summary>
    public void Become(IReadOnlyList<EngineAlarm> alarms)
    {
        lock (gate)
        {
            due.Clear();
            order.Clear();
            foreach (var alarm in alarms)
            {
                Put(alarm.Key, alarm.Due);
            }
        }

        Look();
    }

    /// <summary>What is set, by due time and key.</summary>
    public IReadOnlyList<EngineAlarm> Alarms()
    {
        lock (gate)
        {
            return [.. order];
        }
    }

    void Put(string key, DateTimeOffset at)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        Drop(key);
        due.Add(key, at);
        order.Add(new EngineAlarm(key, at));
    }

    void Drop(string key)
    {
        if (due.Remove(key, out var at))
        {
            order.Remove(new EngineAlarm(key, at));
        }
    }

    /// <summary>Rings what is due and sets the timer for what is next.</summary>
    void Look()
    {
        var rung = new List<string>();
        Action<string>? onDue;
        lock (gate)
        {
            onDue = ring;
            if (onDue is null || ended)
            {
                return;
            }

            var now = time.GetUtcNow();
            while (order.Min is { } first && first.Due <= now)
            {
                Drop(first.Key);
                rung.Add(first.Key);
            }

            if (order.Min is { } next)
            {
                // A timer counts whole milliseconds: rounded up, or it would come early and look in vain.
                var wait = TimeSpan.FromMilliseconds(Math.Ceiling((next.Due - now).TotalMilliseconds));
                timer!.Change(wait < LookAgain ? wait : LookAgain, Timeout.InfiniteTimeSpan);
            }
        }

        rung.ForEach(onDue);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            timer?.Dispose();
        }
    }
}
