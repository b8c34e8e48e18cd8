namespace Workflow.Engine;

/// <summary>The alarms that are wanted, by key: what an engine's store ought to hold. Any thread.</summary>
sealed class WantedAlarms
{
    readonly Lock gate = new();
    readonly Dictionary<string, DateTimeOffset> due = new(StringComparer.Ordinal);

    /// <summary>Sets the alarm of a key.</summary>
    public void Set(EngineAlarm alarm)
    {
        lock (gate)
        {
            due[alarm.Key] = alarm.Due;
        }
    }

    /// <summary>Sets the alarm of a key that has none.</summary>
    public void Offer(EngineAlarm alarm)
    {
        lock (gate)
        {
            due.TryAdd(alarm.Key, alarm.Due);
        }
    }

    /// <summary>Forgets the alarm of a key; false where there was none.</summary>
    public bool Remove(string key)
    {
        lock (gate)
        {
            return due.Remove(key);
        }
    }

    /// <summary>Takes the alarm of a key if it is due; false where it is not wanted any more, was moved or was taken already.</summary>
    public bool Take(string key, DateTimeOffset now)
    {
        lock (gate)
        {
            return due.TryGetValue(key, out var at) && at <= now && due.Remove(key);
        }
    }

    /// <summary>Takes all that are due by a time.</summary>
    public List<string> TakeAll(DateTimeOffset by)
    {
        lock (gate)
        {
            List<string> taken = [.. due.Where(a => a.Value <= by).OrderBy(a => a.Value).Select(a => a.Key)];
            taken.ForEach(key => due.Remove(key));
            return taken;
        }
    }

    /// <summary>Holds exactly these afterwards.</summary>
    public void Become(IReadOnlyList<EngineAlarm> alarms)
    {
        foreach (var alarm in alarms)
        {
            ArgumentException.ThrowIfNullOrEmpty(alarm.Key);
        }

        lock (gate)
        {
            due.Clear();
            foreach (var alarm in alarms)
            {
                due[alarm.Key] = alarm.Due;
            }
        }
    }

    /// <summary>All of them, by due time and key.</summary>
    public List<EngineAlarm> All()
    {
        lock (gate)
        {
            return [.. due.Select(a => new EngineAlarm(a.Key, a.Value)).OrderBy(a => a.Due).ThenBy(a => a.Key, StringComparer.Ordinal)];
        }
    }
}
