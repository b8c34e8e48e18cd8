using System.Text;

namespace DataPrep.Text.Unicode;

/// <summary>
/// Unicode normalization forms C, D, KC and KD (UAX #15, version 14.0). The runtime's own <c>string.Normalize</c> leaves text as it is in invariant globalization mode, so the tables are here.
/// Lone surrogates stay where they are.
/// </summary>
public static class UnicodeNormalization
{
    const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, VowelCount = 21, TrailCount = 28, HangulCount = 11172;

    /// <summary>Canonical composition; the same string where it already is in form C.</summary>
    public static string ToNfc(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF') || IsSafeForNfc(text))
        {
            return text;
        }

        var codePoints = Decompose(text, compatibility: false);
        return Encode(codePoints, Compose(codePoints));
    }

    /// <summary>Compatibility decomposition and canonical composition: full-width letters, ligatures, circled digits and the like become the plain ones.</summary>
    public static string ToNfkc(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u009F'))
        {
            return text;
        }

        var codePoints = Decompose(text, compatibility: true);
        return Encode(codePoints, Compose(codePoints));
    }

    /// <summary>Compatibility decomposition.</summary>
    public static string ToNfkd(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u009F'))
        {
            return text;
        }

        var codePoints = Decompose(text, compatibility: true);
        return Encode(codePoints, codePoints.Count);
    }

    /// <summary>Canonical decomposition; the same string where there is nothing to decompose.</summary>
    public static string ToNfd(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u00BF'))
        {
            return text;
        }

        var codePoints = Decompose(text, compatibility: false);
        return Encode(codePoints, codePoints.Count);
    }

    /// <summary>Appends the canonical decomposition of one character, not yet in canonical order.</summary>
    internal static void Decompose(int codePoint, List<int> output)
    {
        while (true)
        {
            if (codePoint is >= HangulBase and < HangulBase + HangulCount)
            {
                var syllable = codePoint - HangulBase;
                output.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
                output.Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount));
                if (syllable % TrailCount > 0)
                {
                    output.Add(TrailBase + (syllable % TrailCount));
                }

                return;
            }

            var entry = UnicodeTables.DecompositionOf(codePoint);
            if (entry == 0)
            {
                output.Add(codePoint);
                return;
            }

            var (first, second) = UnicodeTables.Decomposition(entry);
            if (second != 0)
            {
                Decompose(first, output);
                output.Add(second);
                return;
            }

            codePoint = first;
        }
    }

    /// <summary>Puts runs of combining marks into canonical order.</summary>
    /// <param name="codePoints">Decomposed characters.</param>
    /// <param name="combiningClass">Canonical combining class of a character.</param>
    internal static void Reorder(List<int> codePoints, Func<int, int> combiningClass)
    {
        for (var i = 1; i < codePoints.Count; i++)
        {
            var (mark, order) = (codePoints[i], combiningClass(codePoints[i]));
            var j = i;
            for (; order != 0 && j > 0 && combiningClass(codePoints[j - 1]) > order; j--)
            {
                codePoints[j] = codePoints[j - 1];
            }

            codePoints[j] = mark;
        }
    }

    static bool IsSafeForNfc(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var codePoint = CodePointAt(text, i);
            if (!UnicodeTables.IsSafeForNfc(codePoint))
            {
                return false;
            }

            i += codePoint > 0xFFFF ? 1 : 0;
        }

        return true;
    }

    static List<int> Decompose(string text, bool compatibility)
    {
        var codePoints = new List<int>(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var codePoint = CodePointAt(text, i);
            i += codePoint > 0xFFFF ? 1 : 0;
            var other = compatibility ? UnicodeTables.CompatibilityDecomposition(codePoint) : default;
            if (other.IsEmpty)
            {
                Decompose(codePoint, codePoints);
            }
            else
            {
                codePoints.AddRange(other);
            }
        }

        Reorder(codePoints, UnicodeTables.CombiningClass);
        return codePoints;
    }

    // In place; returns the new length.
    static int Compose(List<int> codePoints)
    {
        var length = 0;
        var starter = -1;
        var lastClass = 0;
        for (var i = 0; i < codePoints.Count; i++)
        {
            var codePoint = codePoints[i];
            var order = UnicodeTables.CombiningClass(codePoint);
            var adjacent = starter == length - 1;
            if (starter >= 0 && (adjacent || (lastClass < order && lastClass != 0)) && Pair(codePoints[starter], codePoint) is var composed and not 0)
            {
                codePoints[starter] = composed;
                continue;
            }

            if (order == 0)
            {
                starter = length;
            }

            lastClass = order;
            codePoints[length++] = codePoint;
        }

        return length;
    }

    static int Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + 19 && second is >= VowelBase and < VowelBase + VowelCount)
        {
            return HangulBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        }

        if (first is >= HangulBase and < HangulBase + HangulCount && (first - HangulBase) % TrailCount == 0 && second is > TrailBase and < TrailBase + TrailCount)
        {
            return first + second - TrailBase;
        }

        return UnicodeTables.Composition(first, second);
    }

    static int CodePointAt(string text, int i) =>
        char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i];

    static string Encode(List<int> codePoints, int length)
    {
        var text = new StringBuilder(length + 8);
        for (var i = 0; i < length; i++)
        {
            Append(text, codePoints[i]);
        }

        return text.ToString();
    }

    static void Append(StringBuilder text, int codePoint)
    {
        if (codePoint > 0xFFFF)
        {
            text.Append((char)(0xD7C0 + (codePoint >> 10))).Append((char)(0xDC00 | (codePoint & 0x3FF)));
        }
        else
        {
            text.Append((char)codePoint);
        }
    }
}
