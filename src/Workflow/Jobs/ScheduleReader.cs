using Workflow.Schedules;

namespace Workflow.Jobs;

/// <summary>Reads <c>schedules:</c>, a mapping of names to schedules.</summary>
sealed class ScheduleReader(FaultList faults)
{
    static readonly string[] keys = ["cron", "on", "zone", "misfire", "overlap", "jitter", "start", "end", "paused", "priority", "set"];
    static readonly string[] timed = ["cron", "zone", "jitter", "start", "end"];

    /// <summary>The schedules in written order; those at fault are left out and reported.</summary>
    /// <param name="node">The mapping; null where there is none.</param>
    /// <param name="made">Data sets that the job itself makes versions of.</param>
    public IReadOnlyList<ScheduleSpec> Read(JobNode? node, IReadOnlyCollection<string> made)
    {
        if (node is null or JobScalar { IsNull: true })
        {
            return [];
        }

        if (node is not JobMap map)
        {
            faults.Add(node, "schedules", $"found {node.Shape}; expected a mapping of names to schedules, such as nightly: {{ cron: '30 2 * * *', zone: Europe/Berlin }}.");
            return [];
        }

        return [.. map.Entries.Select(e => One(e.Key, e.Value, made)).OfType<ScheduleSpec>()];
    }

    ScheduleSpec? One(JobScalar name, JobNode node, IReadOnlyCollection<string> made)
    {
        var (before, path) = (faults.Count, $"schedules.{name.Text}");
        if (!Names.IsName(name.Text))
        {
            faults.Add(name, path, "found a name that cannot be a schedule; expected a letter, then letters, digits, '-' or '_', 64 at most.");
        }

        if (node is not JobMap map)
        {
            faults.Add(node, path, $"found {node.Shape}; expected a mapping of {string.Join(", ", keys)}.");
            return null;
        }

        foreach (var (key, _) in map.Entries.Where(e => !keys.Contains(e.Key.Text)))
        {
            faults.Unknown(key.Mark, Names.Join(path, key.Text), "key", key.Text, keys);
        }

        if (map.Find("cron") is null == map.Find("on") is null)
        {
            faults.Add(name, path, $"found {(map.Find("cron") is null ? "neither cron nor on" : "both cron and on")}; expected one: cron: '30 2 * * *', or on: {{ dataset: NAME }}.");
        }

        var zone = Zone(map, path);
        var dataset = map.Find("on") is { } on ? Dataset(on, path, made) : null;
        var misfire = Value<Misfire>(map, "misfire", path);
        if (map.Find("on") is not null)
        {
            OnlyTimed(map, path);
            if (misfire is Misfire.Skip)
            {
                faults.Add(map.Find("misfire")!, $"{path}.misfire", "found 'skip' beside on; expected all (each version runs) or once (the newest does).");
            }
        }

        var spec = new ScheduleSpec
        {
            Name = name.Text,
            Cron = Cron(map, path),
            Dataset = dataset,
            Zone = zone.Name,
            Misfire = misfire ?? (dataset is null ? Misfire.Once : Misfire.All),
            Overlap = Value<Overlap>(map, "overlap", path) ?? Overlap.Skip,
            Jitter = Value<TimeSpan>(map, "jitter", path) ?? TimeSpan.Zero,
            Start = Instant(map, "start", path, zone),
            End = Instant(map, "end", path, zone),
            Paused = Paused(map, path),
            Priority = Value<int>(map, "priority", path),
        };
        if (spec.Jitter > TimeSpan.FromDays(1))
        {
            faults.Add(map.Find("jitter")!, $"{path}.jitter", $"found {Durations.Format(spec.Jitter)}; expected at most 1d.");
        }

        if (spec.End <= spec.Start)
        {
            faults.Add(map.Find("end")!, $"{path}.end", "found an end that is not after the start; expected a later one.");
        }

        if (map.Find("set") is { } set and not (JobMap or JobScalar { IsNull: true }))
        {
            faults.Add(set, $"{path}.set", $"found {set.Shape}; expected a mapping of parameters or paths of the job to values.");
        }

        return faults.Count > before ? null : spec;
    }

    void OnlyTimed(JobMap map, string path)
    {
        foreach (var (key, _) in map.Entries.Where(e => timed.Contains(e.Key.Text) && e.Key.Text != "cron"))
        {
            faults.Add(key, $"{path}.{key.Text}", $"found {key.Text} beside on; it belongs to cron: a data set rings whenever it has a new version.");
        }
    }

    string? Cron(JobMap map, string path)
    {
        if (map.Find("cron") is not { } node)
        {
            return null;
        }

        if (node is not JobScalar { IsNull: false } scalar)
        {
            faults.Add(node, $"{path}.cron", $"found {node.Shape}; expected five fields in quotes: minute, hour, day of month, month, day of week, such as '30 2 * * *'.");
            return null;
        }

        var cron = CronExpression.TryParse(scalar.Text, out var message);
        if (cron is null)
        {
            faults.Add(node, $"{path}.cron", message);
        }

        return cron?.Text;
    }

    string? Dataset(JobNode on, string path, IReadOnlyCollection<string> made)
    {
        if (on is not JobMap { Entries: [var only] } || only.Key.Text != "dataset" || only.Value is not JobScalar { IsNull: false } scalar)
        {
            faults.Add(on, $"{path}.on", $"found {on.Shape}; expected {{ dataset: NAME }}.");
            return null;
        }

        if (!Names.IsName(scalar.Text))
        {
            faults.Add(scalar, $"{path}.on.dataset", $"found {scalar.Shape}; expected the name of a data set: a letter, then letters, digits, '-' or '_'.");
        }
        else if (made.Contains(scalar.Text))
        {
            faults.Add(scalar, $"{path}.on.dataset", $"found {scalar.Shape}, which this job makes itself: each run would ring the next; expected a data set of another job.");
        }

        return scalar.Text;
    }

    ZoneClock Zone(JobMap map, string path)
    {
        if (map.Find("zone") is not { } node)
        {
            return ZoneClock.Of("UTC");
        }

        if (node is JobScalar { IsNull: false } scalar && ZoneClock.Find(scalar.Text) is { } zone)
        {
            return zone;
        }

        var near = NearestName.Of((node as JobScalar)?.Text ?? "", ZoneClock.Names);
        faults.Add(node, $"{path}.zone", $"found {node.Shape}; expected an IANA time zone such as Europe/Berlin{(near is null ? "." : $"; did you mean '{near}'?")}");
        return ZoneClock.Of("UTC");
    }

    DateTimeOffset? Instant(JobMap map, string key, string path, ZoneClock zone)
    {
        if (map.Find(key) is not { } node)
        {
            return null;
        }

        var instant = ZonedTime.Parse((node as JobScalar)?.Text ?? "", zone);
        if (instant is null)
        {
            faults.Add(node, $"{path}.{key}", $"found {node.Shape}; expected {ZonedTime.Expected}.");
        }

        return instant;
    }

    string? Paused(JobMap map, string path)
    {
        if (map.Find("paused") is not { } node || node is JobScalar { Quoted: false, Text: "false" })
        {
            return null;
        }

        if (node is JobScalar { IsNull: false } scalar && scalar.Text.Trim().Length > 0 && (scalar.Quoted || scalar.Text != "true"))
        {
            return scalar.Text.Trim();
        }

        faults.Add(node, $"{path}.paused", $"found {node.Shape}; expected the reason why it is paused, in words.");
        return null;
    }

    T? Value<T>(JobMap map, string key, string path) where T : struct
    {
        if (map.Find(key) is not { } node)
        {
            return null;
        }

        string? message = null;
        var value = node is JobScalar { IsNull: false } scalar ? ScalarValue.Parse(scalar, typeof(T), out message) : null;
        if (value is null)
        {
            faults.Add(node, $"{path}.{key}", message ?? $"found {node.Shape}; expected {OptionType.Describe(typeof(T))}.");
        }

        return (T?)value;
    }
}
