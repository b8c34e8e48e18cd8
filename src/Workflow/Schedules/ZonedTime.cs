using System.Globalization;

namespace Workflow.Schedules;

/// <summary>Times as people write them: by the clock of a zone, or as an instant.</summary>
static class ZonedTime
{
    /// <summary>What is accepted, for messages.</summary>
    public const string Expected = "a date or a time in the schedule's zone, 2026-01-31 or 2026-01-31 02:30, or an instant such as 2026-01-31T02:30Z";

    /// <summary>The instant; null where the text is none.</summary>
    public static DateTimeOffset? Parse(string text, ZoneClock zone)
    {
        if (DateTime.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is > 1900 and < 9000)
        {
            return zone.Instant(local);
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant.ToUniversalTime() : null;
    }
}
