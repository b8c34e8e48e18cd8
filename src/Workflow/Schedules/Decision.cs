namespace Workflow.Schedules;

/// <summary>Decides what becomes of the nominal times that are due: pure, from what the ledger says.</summary>
/// <param name="row">The schedule.</param>
/// <param name="now">The time.</param>
/// <param name="grace">Later than this past its ring, a nominal time is a missed one.</param>
/// <param name="active">Runs of the schedule that have not ended.</param>
/// <param name="waiting">Whether a fire time waits for the end of a run.</param>
sealed class Decision(ScheduleRow row, DateTimeOffset now, TimeSpan grace, int active, bool waiting)
{
    readonly List<Intent> intents = [];

    /// <summary>What becomes of the due nominal times of a cron expression, oldest first; where one has to wait, it and those after it are left for a later look.</summary>
    public IReadOnlyList<Intent> OfTimes(IReadOnlyList<DateTimeOffset> due)
    {
        if (row.Paused is { } reason)
        {
            var before = $"nobody looked before it was paused: {reason}";
            intents.AddRange(due.Select(t => t < row.PausedAt ? new Intent(t, "missed", before) : new Intent(t, "paused", reason)));

            return intents;
        }

        Release();
        var late = due.Select(t => now - row.RingOf(t) > grace).ToList();
        var anyLate = late.Contains(true);

        // Built once: there may be a million of them.
        var unseen = $"nobody looked until {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; misfire {Policies.Text(row.Misfire)}";
        unseen += row.Misfire == Misfire.Once && due.Count > 0 ? $" runs the newest, {due[^1].UtcDateTime:yyyy-MM-dd HH:mm}Z" : "";
        for (var i = 0; i < due.Count; i++)
        {
            if ((row.Misfire == Misfire.Skip && late[i]) || (row.Misfire == Misfire.Once && anyLate && i < due.Count - 1))
            {
                intents.Add(new(due[i], "missed", unseen));
            }
            else if (!Take(due[i], 0, owed: row.Misfire == Misfire.All && late[i]))
            {
                break;
            }
        }

        return intents;
    }

    /// <summary>What becomes of the new versions of a data set, oldest first. None is lost to a run that has not ended: it waits.</summary>
    public IReadOnlyList<Intent> OfVersions(IReadOnlyList<(long Seq, DateTimeOffset Made)> versions)
    {
        if (row.Paused is { } reason)
        {
            return [.. versions.Select(v => new Intent(v.Made, "paused", reason, v.Seq))];
        }

        for (var i = 0; i < versions.Count; i++)
        {
            var (seq, made) = versions[i];
            if (row.Misfire == Misfire.Once && i < versions.Count - 1)
            {
                intents.Add(new(made, "missed", $"there is a newer version, {row.Dataset}@{versions[^1].Seq}; misfire once", seq));
            }
            else if (!Take(made, seq, owed: row.Overlap is Overlap.Skip or Overlap.QueueOne))
            {
                break;
            }
        }

        return intents;
    }

    /// <summary>A fire time that waited runs once nothing else does.</summary>
    void Release()
    {
        if (waiting && active == 0)
        {
            intents.Add(new(default, "release"));
            (waiting, active) = (false, 1);
        }
    }

    /// <summary>Fires, queues or skips one, as the overlap policy says; false where it is owed and has to wait.</summary>
    bool Take(DateTimeOffset nominal, long seq, bool owed)
    {
        if (active == 0 || row.Overlap == Overlap.Allow)
        {
            intents.Add(new(nominal, "fired", null, seq));
            active++;
        }
        else if (owed)
        {
            return false;
        }
        else if (row.Overlap == Overlap.CancelPrevious)
        {
            intents.Add(new(nominal, "fired", null, seq));
            active = 1;
        }
        else if (row.Overlap == Overlap.QueueOne && !waiting)
        {
            intents.Add(new(nominal, "queued", "waits for the run before it", seq));
            waiting = true;
        }
        else
        {
            intents.Add(new(nominal, "skipped-overlap", waiting ? "a run has not ended and one fire time waits already" : "a run has not ended", seq));
        }

        return true;
    }
}
