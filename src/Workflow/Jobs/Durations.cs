using System.Globalization;
using System.Text;

namespace Workflow.Jobs;

/// <summary>Durations as people write them: <c>30m</c>, <c>1h30m</c>, <c>500ms</c>, <c>2d</c>, or <c>hh:mm:ss</c>.</summary>
static class Durations
{
    static readonly (string Unit, long Ticks)[] units =
        [("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("ms", TimeSpan.TicksPerMillisecond), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond)];

    public static bool TryParse(string text, out TimeSpan value)
    {
        if (text.Contains(':'))
        {
            return TimeSpan.TryParseExact(text, ["c", @"h\:mm\:ss", @"h\:mm"], CultureInfo.InvariantCulture, out value) && value >= TimeSpan.Zero;
        }

        value = TimeSpan.Zero;
        var rest = text.AsSpan();
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 9 || Unit(rest[digits..]) is not { } unit)
            {
                return false;
            }

            try
            {
                value += TimeSpan.FromTicks(checked(long.Parse(rest[..digits]) * unit.Ticks));
            }
            catch (OverflowException)
            {
                return false;
            }

            rest = rest[(digits + unit.Unit.Length)..];
        }

        return true;
    }

    /// <summary>The shortest such text; parts below a millisecond fall back to <c>hh:mm:ss.fffffff</c>.</summary>
    public static string Format(TimeSpan value)
    {
        if (value < TimeSpan.Zero || value.Ticks % TimeSpan.TicksPerMillisecond != 0)
        {
            return value.ToString("c");
        }

        var text = new StringBuilder();
        foreach (var (number, unit) in new[] { ((int)value.TotalDays, "d"), (value.Hours, "h"), (value.Minutes, "m"), (value.Seconds, "s"), (value.Milliseconds, "ms") })
        {
            if (number > 0)
            {
                text.Append(number).Append(unit);
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    static (string Unit, long Ticks)? Unit(ReadOnlySpan<char> text)
    {
        foreach (var unit in units)
        {
            if (text.StartsWith(unit.Unit))
            {
                return unit;
            }
        }

        return null;
    }
}
