using System.Collections.Concurrent;

namespace Workflow.Schedules;

/// <summary>The clock of an IANA time zone: how far it stands from UTC, and when that changes.</summary>
public sealed class ZoneClock
{
    static readonly ConcurrentDictionary<string, ZoneClock> known = new(StringComparer.Ordinal);

    readonly TimeZoneInfo zone;
    readonly ConcurrentDictionary<int, ZoneSpan[]> years = new();

    ZoneClock(TimeZoneInfo zone) => this.zone = zone;

    /// <summary>Its IANA name.</summary>
    public string Name => zone.Id;

    /// <summary>The clock of a zone; null where the machine's time zone data has no such zone.</summary>
    public static ZoneClock? Find(string name)
    {
        // The name is a path below /usr/share/zoneinfo: nothing may lead out of it.
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') || name[0] == '/')
        {
            return null;
        }

        return known.TryGetValue(name, out var clock) ? clock
            : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? known.GetOrAdd(name, new ZoneClock(zone))
            : null;
    }

    /// <summary>The clock of a zone that was checked before.</summary>
    /// <exception cref="WorkflowException">The machine does not know it.</exception>
    public static ZoneClock Of(string name) => Find(name) ?? throw new WorkflowException($"This machine's time zone data has no zone '{name}'. Expected an IANA name such as Europe/Berlin; on Debian the package tzdata has them.", exitCode: 2);

    /// <summary>Names that a job file may use.</summary>
    public static IReadOnlyCollection<string> Names => [.. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).Append("UTC").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A time by this clock.</summary>
    public DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone);

    /// <summary>The instant at which this clock shows a time: the first pass where it shows it twice, the end of the gap where it never does.</summary>
    public DateTimeOffset Instant(DateTime local)
    {
        var covered = DateTime.MinValue;
        foreach (var span in From(DateTime.SpecifyKind(local.AddDays(-2), DateTimeKind.Utc)))
        {
            if (covered == DateTime.MinValue)
            {
                covered = span.Start + span.Before;
            }

            if (local < span.End + span.Offset && local >= covered)
            {
                return new DateTimeOffset(local < span.Start + span.Offset ? span.Start : DateTime.SpecifyKind(local - span.Offset, DateTimeKind.Utc));
            }

            covered = covered > span.End + span.Offset ? covered : span.End + span.Offset;
        }

        throw new WorkflowException($"{local:yyyy-MM-dd HH:mm} lies beyond the calendar.");
    }

    /// <summary>The spans of equal offset from the one that holds an instant on, to the end of the calendar.</summary>
    internal IEnumerable<ZoneSpan> From(DateTime utc)
    {
        for (var year = utc.Year; year < 9999; year++)
        {
            foreach (var span in years.GetOrAdd(year, Year).Where(s => s.End > utc))
            {
                yield return span;
            }
        }
    }

    /// <summary>A year in spans: the offset is asked for four times a day, and a change between two answers is closed in on.</summary>
    ZoneSpan[] Year(int year)
    {
        var spans = new List<ZoneSpan>();
        var end = new DateTime(year + 1, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var start = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var offset = zone.GetUtcOffset(start);
        var before = year > 1 ? zone.GetUtcOffset(start.AddTicks(-1)) : offset;
        for (var at = start; at < end;)
        {
            var next = at.AddHours(6);
            if (next < end && zone.GetUtcOffset(next) == offset)
            {
                at = next;
                continue;
            }

            next = next < end ? next : end;
            if (next == end && zone.GetUtcOffset(end.AddTicks(-1)) == offset)
            {
                break;
            }

            var change = Change(at, next, offset);
            spans.Add(new ZoneSpan(start, change, offset, before));
            (start, before, offset, at) = (change, offset, zone.GetUtcOffset(change), change);
        }

        spans.Add(new ZoneSpan(start, end, offset, before));
        return [.. spans];
    }

    /// <summary>The first second in (low, high] at which the offset is another.</summary>
    DateTime Change(DateTime low, DateTime high, TimeSpan offset)
    {
        while ((high - low).TotalSeconds > 1)
        {
            var middle = low.AddSeconds(Math.Floor((high - low).TotalSeconds / 2));
            (low, high) = zone.GetUtcOffset(middle) == offset ? (middle, high) : (low, middle);
        }

        return high;
    }
}

/// <summary>A stretch of time during which a zone's offset stays the same.</summary>
/// <param name="Start">First instant, UTC.</param>
/// <param name="End">First instant after it, UTC.</param>
/// <param name="Offset">Local time minus UTC.</param>
/// <param name="Before">The offset just before <paramref name="Start"/>.</param>
readonly record struct ZoneSpan(DateTime Start, DateTime End, TimeSpan Offset, TimeSpan Before);
