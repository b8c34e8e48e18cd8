using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DataPrep.Text.Bpe;

/// <summary>
/// A string or a regular expression of a tokenizer.json. Hugging Face's engine is Oniguruma; what reads otherwise in .NET's is refused. A character beyond U+FFFF is matched as one
/// character of its category. Immutable, thread-safe.
/// </summary>
sealed class TextPattern
{
    const int LongestPattern = 4096;

    // A match that takes longer than this backtracks without end.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    // Oniguruma's own: POSIX brackets, intersections, sets in sets, hexadecimal digits, line breaks, clusters, absent operators, subexpression calls, modes of another meaning.
    static readonly string[] Foreign = ["[[:", "&&", @"\h", @"\H", @"\R", @"\X", @"\O", @"\K", @"\y", @"\Y", @"\N", "(?~", @"\g", @"\k", @"\p{^", "(?m", "(?x"];

    // By category: a character that stands for those beyond U+FFFF.
    static readonly Lazy<char[]> Standins = new(static () =>
    {
        var standins = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (var c = 0xFFFD; c > 0x7F; c--)
        {
            standins[(int)CharUnicodeInfo.GetUnicodeCategory((char)c)] = (char)c;
        }

        return standins;
    });

    readonly string? text;
    readonly Regex? regex;
    readonly string source;

    TextPattern(string? text, Regex? regex, string source) => (this.text, this.regex, this.source) = (text, regex, source);

    /// <summary>A plain string.</summary>
    /// <exception cref="DataPrepException">It is empty.</exception>
    public static TextPattern Plain(string text, string source) =>
        text.Length > 0 ? new TextPattern(text, null, source) : throw new DataPrepException($"{source}: a pattern is the empty string. Expected one character or more.");

    /// <summary>A regular expression.</summary>
    /// <exception cref="DataPrepException">It is too long, or not one that .NET reads as Oniguruma does.</exception>
    public static TextPattern Regular(string pattern, string source)
    {
        if (pattern.Length is 0 or > LongestPattern)
        {
            throw new DataPrepException($"{source}: a regular expression has {pattern.Length} characters. Expected 1 to {LongestPattern}.");
        }

        var foreign = Foreign.FirstOrDefault(part => pattern.Contains(part, StringComparison.Ordinal)) ?? (pattern.Any(char.IsSurrogate) ? "a character beyond U+FFFF" : null);
        if (foreign is not null)
        {
            throw new DataPrepException($"{source}: the regular expression \"{pattern}\" has \"{foreign}\", which is not supported. Expected classes, groups, alternatives, quantifiers and looking around.");
        }

        return new TextPattern(null, Compile(pattern, source), source);
    }

    /// <summary>Bounds of the matches, in order. One that is empty where the last one ended is left out.</summary>
    /// <exception cref="DataPrepException">The search takes too long.</exception>
    public List<(int Start, int End)> Matches(ReadOnlySpan<char> input)
    {
        var matches = new List<(int Start, int End)>();
        if (text is not null)
        {
            for (var from = 0; input[from..].IndexOf(text) is >= 0 and var at; from += at + text.Length)
            {
                matches.Add((from + at, from + at + text.Length));
            }

            return matches;
        }

        var places = Flatten(ref input);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var last = -1;
            foreach (var match in regex!.EnumerateMatches(input))
            {
                // Many slow matches are as bad as one without end.
                if (Stopwatch.GetElapsedTime(start) > Patience + TimeSpan.FromMicroseconds(10.0 * input.Length))
                {
                    throw new RegexMatchTimeoutException();
                }

                if (match.Length > 0 || match.Index != last)
                {
                    last = match.Index + match.Length;
                    matches.Add(places is null ? (match.Index, last) : (places[match.Index], places[last]));
                }
            }
        }
        catch (RegexMatchTimeoutException fault)
        {
            throw new DataPrepException($"{source}: the regular expression \"{regex}\" has not been found in a text of {input.Length} characters after {Patience.TotalSeconds} s. Expected one that does not backtrack so much.", fault);
        }

        return matches;
    }

    static Regex Compile(string pattern, string source)
    {
        // In Oniguruma, whose syntax is Ruby's, ^ and $ are bounds of lines.
        const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture;
        try
        {
            try
            {
                return new Regex(pattern, Options | RegexOptions.NonBacktracking, Patience);
            }
            catch (NotSupportedException)
            {
                return new Regex(pattern, Options, Patience);
            }
        }
        catch (ArgumentException fault)
        {
            throw new DataPrepException($"{source}: the regular expression \"{pattern}\" cannot be read: {fault.Message} Expected one that .NET's engine reads too.", fault);
        }
    }

    // Null where every character is one code unit; else the place of each character of the text in the one before, and its end.
    static int[]? Flatten(ref ReadOnlySpan<char> input)
    {
        if (!input.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return null;
        }

        var flat = new char[input.Length];
        var places = new int[input.Length + 1];
        var count = 0;
        for (var i = 0; i < input.Length;)
        {
            places[count] = i;
            Rune.DecodeFromUtf16(input[i..], out var rune, out var length);
            flat[count++] = rune.IsBmp ? (char)rune.Value : Standins.Value[(int)Rune.GetUnicodeCategory(rune)];
            i += length;
        }

        places[count] = input.Length;
        input = flat.AsSpan(0, count);
        return places;
    }
}
