namespace Workflow.Schedules;

/// <summary>
/// A cron expression of five fields: minute, hour, day of month, month, day of week. Lists, ranges, steps, names of months and days, 7 for Sunday, and <c>@daily</c> and its kin.
/// Where both day fields are restricted a day fits that fits either, as in Vixie cron; a field that begins with <c>*</c> is unrestricted, <c>*/2</c> too.
/// </summary>
public sealed class CronExpression
{
    readonly CronField minute;
    readonly CronField hour;
    readonly CronField day;
    readonly CronField month;
    readonly CronField weekday;

    CronExpression(string text, CronField[] fields)
    {
        Text = text;
        (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Whether neither the minute nor the hour begins with <c>*</c>: it names times of a day, each of which a day has once whatever the clocks do.</summary>
    public bool IsFixed => !minute.Star && !hour.Star;

    internal (CronField Minute, CronField Hour, CronField Day, CronField Month, CronField Weekday) Fields => (minute, hour, day, month, weekday);

    /// <summary>Reads an expression.</summary>
    /// <param name="text">Five fields, or <c>@yearly</c>, <c>@monthly</c>, <c>@weekly</c>, <c>@daily</c>, <c>@hourly</c>.</param>
    /// <param name="message">What was found at which field and character, and what was expected; empty where it is good.</param>
    /// <returns>Null where it is at fault, or where no date ever fits it.</returns>
    public static CronExpression? TryParse(string text, out string message)
    {
        if (CronReader.Read(text, out message) is not { } fields)
        {
            return null;
        }

        var expression = new CronExpression(text.Trim(), fields);
        if (!expression.EverFits())
        {
            message = $"found '{text.Trim()}', which never fires: no {string.Join(" or ", fields[3].Values.Select(m => new DateTime(2000, m, 1).ToString("MMMM")))} has a day {string.Join(" or ", fields[2].Values)}; expected a date that exists.";
            return null;
        }

        return expression;
    }

    /// <summary>Reads an expression that was checked before.</summary>
    /// <exception cref="WorkflowException">It is none.</exception>
    public static CronExpression Parse(string text) => TryParse(text, out var message) ?? throw new WorkflowException($"The cron expression '{text}' is at fault: {message}", exitCode: 2);

    /// <summary>Whether a date fits.</summary>
    public bool FitsDay(DateTime date)
    {
        var (byDay, byWeekday) = (day.Has(date.Day), weekday.Has((int)date.DayOfWeek));
        return month.Has(date.Month) && (day.Star || weekday.Star ? byDay && byWeekday : byDay || byWeekday);
    }

    /// <summary>The first fitting wall-clock minute that is at least <paramref name="from"/> and before <paramref name="end"/>; null where there is none.</summary>
    public DateTime? First(DateTime from, DateTime end)
    {
        if (from.Ticks % TimeSpan.TicksPerMinute != 0)
        {
            from = from.AddTicks(TimeSpan.TicksPerMinute - from.Ticks % TimeSpan.TicksPerMinute);
        }

        for (var date = from.Date; date < end;)
        {
            if (!month.Has(date.Month))
            {
                date = new DateTime(date.Year, date.Month, 1).AddMonths(1);
                continue;
            }

            if (FitsDay(date) && TimeOfDay(date == from.Date ? (int)from.TimeOfDay.TotalMinutes : 0) is { } time)
            {
                var found = date.AddMinutes(time);
                return found < end ? found : null;
            }

            date = date.AddDays(1);
        }

        return null;
    }

    int? TimeOfDay(int from)
    {
        for (var h = hour.AtLeast(from / 60); h >= 0; h = hour.AtLeast(h + 1))
        {
            if (minute.AtLeast(h == from / 60 ? from % 60 : 0) is >= 0 and var m)
            {
                return h * 60 + m;
            }
        }

        return null;
    }

    /// <summary>The calendar repeats after 400 years; an ordinary expression is answered by the first of them.</summary>
    bool EverFits() => First(new DateTime(2000, 1, 1), new DateTime(2400, 1, 1)) is not null;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
