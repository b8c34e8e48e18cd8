using System.Globalization;

namespace Workflow.Schedules;

/// <summary>A cron expression in plain words.</summary>
static class CronWords
{
    /// <summary>"at 02:30, Monday to Friday", "every 15 minutes".</summary>
    public static string Of(CronExpression cron)
    {
        var (minute, hour, day, month, weekday) = cron.Fields;
        var parts = new List<string> { Time(minute, hour) };
        var byDay = Full(day, 1, 31) ? null : $"on {(day.Values.Count() == 1 ? "day" : "days")} {List(day, v => v.ToString())} of the month";
        var byWeekday = Full(weekday, 0, 6) ? null : Weekdays(weekday);
        if (byDay is not null && byWeekday is not null)
        {
            parts.Add($"{byDay} {(day.Star || weekday.Star ? "where that is" : "or")} {byWeekday}");
        }
        else
        {
            parts.Add(byDay ?? byWeekday ?? (Full(month, 1, 12) && cron.IsFixed ? "every day" : ""));
        }

        if (!Full(month, 1, 12))
        {
            parts.Add($"in {List(month, v => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(v))}");
        }

        return string.Join(", ", parts.Where(p => p.Length > 0));
    }

    static string Time(CronField minute, CronField hour)
    {
        var (minutes, hours) = (minute.Values.ToList(), hour.Values.ToList());
        if (!minute.Star && !hour.Star && minutes.Count * hours.Count <= 6)
        {
            return $"at {Join([.. hours.SelectMany(h => minutes.Select(m => $"{h:00}:{m:00}"))])}";
        }

        var within = hours.Count == 24 ? "" : EvenStep(hours, 24) is { } every ? $" of every {Ordinal(every)} hour" : $" from {List(hour, h => $"{h:00}:00")}";
        if (minutes.Count == 60)
        {
            return hours.Count == 24 ? "every minute" : $"every minute of the {(hours.Count == 1 ? "hour" : "hours")}{within}";
        }

        if (minutes.Count > 1 && EvenStep(minutes, 60) is { } step)
        {
            return hours.Count == 24 ? $"every {step} minutes" : $"every {step} minutes of the {(hours.Count == 1 ? "hour" : "hours")}{within}";
        }

        if (minutes is [var only])
        {
            var at = only == 0 ? "" : $", at minute {only}";
            return hours.Count == 24 ? (only == 0 ? "every hour" : $"every hour{at}")
                : EvenStep(hours, 24) is { } hourly ? $"every {hourly} hours{at}"
                : $"at minute {only} of the hours{within}";
        }

        return $"at minutes {List(minute, m => m.ToString())}{(hours.Count == 24 ? " of every hour" : within.StartsWith(" of", StringComparison.Ordinal) ? within : $" of the {(hours.Count == 1 ? "hour" : "hours")}{within}")}";
    }

    /// <summary>The step of values that start at 0 and go round evenly; null where they do not.</summary>
    static int? EvenStep(List<int> values, int round) =>
        values.Count > 1 && values[0] == 0 && round % values[1] == 0 && values.Count == round / values[1] && values.Index().All(v => v.Item == v.Index * values[1]) ? values[1] : null;

    static string Ordinal(int number) => number switch { 2 => "second", 3 => "third", 4 => "fourth", _ => $"{number}th" };

    static string Weekdays(CronField weekday)
    {
        // A week begins with Monday here: 1-5 is one range, and so is 6,0.
        var shifted = weekday.Values.Aggregate(0UL, (bits, v) => bits | 1UL << ((v + 6) % 7));
        return $"on {List(new CronField(shifted, false), v => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)((v + 1) % 7)))}";
    }

    static bool Full(CronField field, int low, int high) => field.Values.Where(v => v >= low && v <= high).Count() == high - low + 1;

    /// <summary>Values with runs of three and more as ranges: "1 to 5, 8 and 9".</summary>
    static string List(CronField field, Func<int, string> name)
    {
        var (values, items) = (field.Values.ToList(), new List<string>());
        for (var i = 0; i < values.Count;)
        {
            var end = i;
            while (end + 1 < values.Count && values[end + 1] == values[end] + 1)
            {
                end++;
            }

            if (end - i >= 2)
            {
                items.Add($"{name(values[i])} to {name(values[end])}");
                i = end + 1;
            }
            else
            {
                items.Add(name(values[i++]));
            }
        }

        return Join(items);
    }

    static string Join(IReadOnlyList<string> items) => items.Count == 1 ? items[0] : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";
}
