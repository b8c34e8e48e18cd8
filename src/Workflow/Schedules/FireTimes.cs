namespace Workflow.Schedules;

/// <summary>
/// The instants at which a cron expression fires in a time zone. Whole minutes, strictly ascending.
/// An expression with fixed minutes and hours names times of a day: one that falls into a gap fires once, at the first minute after it; one that the clock shows twice fires at the first.
/// Any other is an interval: it fires at every minute the clock shows and it fits, in both passes of an overlap, never for a minute the clock skipped.
/// </summary>
/// <param name="cron">What fits.</param>
/// <param name="zone">Whose clock.</param>
public sealed class FireTimes(CronExpression cron, ZoneClock zone)
{
    /// <summary>A search gives up after so many years; the rarest date, a 29 February on a given weekday, comes within 40.</summary>
    const int Horizon = 50;

    /// <summary>The first after an instant; null where there is none within 50 years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        foreach (var time in After(after))
        {
            return time;
        }

        return null;
    }

    /// <summary>All after an instant, to the next stretch of 50 years without one.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset after)
    {
        var last = after.UtcDateTime;
        DateTime? covered = null;
        foreach (var span in zone.From(last))
        {
            if (span.Start.Year > last.Year + Horizon)
            {
                yield break;
            }

            foreach (var time in Within(span, covered ?? span.Start + span.Before, last))
            {
                last = time;
                yield return new DateTimeOffset(time);
            }

            var end = span.End + span.Offset;
            covered = covered > end ? covered : end;
        }
    }

    /// <summary>Those of one span after an instant.</summary>
    /// <param name="span">Stretch of equal offset.</param>
    /// <param name="covered">Wall-clock time up to which the clock has already shown everything.</param>
    /// <param name="last">Instant after which.</param>
    IEnumerable<DateTime> Within(ZoneSpan span, DateTime covered, DateTime last)
    {
        var (start, end) = (span.Start + span.Offset, span.End + span.Offset);
        if (cron.IsFixed)
        {
            var instant = CeilingMinute(span.Start);
            if (covered < start && instant > last && cron.First(covered, start) is not null)
            {
                last = instant;
                yield return instant;
            }

            start = start > covered ? start : covered;
        }

        var from = last + span.Offset;
        from = from >= start ? from.AddTicks(TimeSpan.TicksPerMinute - from.Ticks % TimeSpan.TicksPerMinute) : start;
        while (cron.First(from, end) is { } local)
        {
            yield return DateTime.SpecifyKind(local - span.Offset, DateTimeKind.Utc);
            from = local.AddMinutes(1);
        }
    }

    static DateTime CeilingMinute(DateTime time)
    {
        var over = time.Ticks % TimeSpan.TicksPerMinute;
        return over == 0 ? time : time.AddTicks(TimeSpan.TicksPerMinute - over);
    }
}
