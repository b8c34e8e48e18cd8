namespace Workflow.Schedules;

/// <summary>Text to the fields of a cron expression; a fault names the field and the place of the character, from 1.</summary>
static class CronReader
{
    static readonly string[] months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    static readonly string[] days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    static readonly (string Name, int Low, int High, string[] Words)[] fields =
        [("minute", 0, 59, []), ("hour", 0, 23, []), ("day of month", 1, 31, []), ("month", 1, 12, months), ("day of week", 0, 7, days)];

    static readonly Dictionary<string, string> shorthands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    /// <summary>The five fields; null with a message where the text is none.</summary>
    public static CronField[]? Read(string text, out string message)
    {
        message = "";
        if (text.TrimStart().StartsWith('@'))
        {
            if (!shorthands.TryGetValue(text.Trim(), out var meant))
            {
                message = $"found '{text.Trim()}'; expected one of {string.Join(", ", shorthands.Keys)}, or five fields.";
                return null;
            }

            text = meant;
        }

        var parts = Split(text);
        if (parts.Count != fields.Length)
        {
            message = $"found {parts.Count} {(parts.Count == 1 ? "field" : "fields")}; expected five: minute, hour, day of month, month, day of week, such as '30 2 * * MON-FRI'.";
            return null;
        }

        var result = new CronField[fields.Length];
        for (var i = 0; i < parts.Count; i++)
        {
            if (Field(parts[i].Text, parts[i].At, i, out var bits) is { } fault)
            {
                message = fault;
                return null;
            }

            // 7 is Sunday as 0 is.
            result[i] = new CronField(i == 4 && (bits >> 7 & 1) != 0 ? bits & 0x7F | 1 : bits, parts[i].Text.StartsWith('*'));
        }

        return result;
    }

    static List<(string Text, int At)> Split(string text)
    {
        var parts = new List<(string, int)>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var end = at;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            parts.Add((text[at..end], at + 1));
            at = end;
        }

        return parts;
    }

    static string? Field(string text, int at, int index, out ulong bits)
    {
        bits = 0;
        foreach (var item in text.Split(','))
        {
            if (Item(item, index, out var found) is { } fault)
            {
                return $"{fields[index].Name} (character {at}): {fault}";
            }

            bits |= found;
            at += item.Length + 1;
        }

        return null;
    }

    static string? Item(string item, int index, out ulong bits)
    {
        bits = 0;
        var (name, low, high, words) = fields[index];
        var slash = item.IndexOf('/');
        var range = slash < 0 ? item : item[..slash];
        var step = 1;
        if (slash >= 0 && (!Digits(item[(slash + 1)..], out step) || step < 1 || step > high))
        {
            return $"found the step '{item[(slash + 1)..]}'; expected a whole number from 1 to {high}.";
        }

        int from, to;
        if (range == "*")
        {
            (from, to) = (low, index == 4 ? 6 : high);
        }
        else
        {
            var dash = range.IndexOf('-');
            if (!Value(dash < 0 ? range : range[..dash], index, out from))
            {
                return Unknown(dash < 0 ? range : range[..dash]);
            }

            // A step after a single value goes on to the end, as in `5/15`.
            to = slash < 0 ? from : index == 4 ? 6 : high;
            if (dash >= 0 && !Value(range[(dash + 1)..], index, out to))
            {
                return Unknown(range[(dash + 1)..]);
            }

            if (dash >= 0 && index == 4 && to == 0 && from > 0)
            {
                // FRI-SUN: Sunday as the end of a week.
                to = 7;
            }

            if (to < from)
            {
                return $"found '{range}', which runs backwards; expected the smaller value first, such as '{from}-{high},{low}-{to}'.";
            }
        }

        for (var value = from; value <= to; value += step)
        {
            bits |= 1UL << value;
        }

        return null;

        string Unknown(string found)
        {
            var or = words.Length == 0 ? "" : $", or {words[0]} to {words[^1]}";
            return found.Length == 0
                ? $"found nothing in '{item}'; expected a value from {low} to {high}{or}."
                : $"found '{found}'; expected a {name} from {low} to {high}{or}, '*', a range such as {low}-{Math.Min(low + 4, high)}, a step such as */2, or a list of those.";
        }
    }

    static bool Value(string text, int index, out int value)
    {
        var (_, low, high, words) = fields[index];
        var word = Array.FindIndex(words, w => w.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (word >= 0)
        {
            value = word + low;
            return true;
        }

        return Digits(text, out value) && value >= low && value <= high;
    }

    static bool Digits(string text, out int value)
    {
        value = 0;
        return text.Length is > 0 and <= 4 && text.All(char.IsAsciiDigit) && int.TryParse(text, out value);
    }
}
