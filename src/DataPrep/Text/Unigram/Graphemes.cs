using System.Globalization;

namespace DataPrep.Text.Unigram;

/// <summary>Extended grapheme clusters (UAX #29), with a table of the characters between two of which there is always a break.</summary>
static class Graphemes
{
    static readonly bool[] Alone = Build();

    /// <summary>Whether there is a break between this character and any other that stands alone.</summary>
    public static bool StandsAlone(char c) => Alone[c];

    /// <summary>Length of the cluster that a text starts with.</summary>
    public static int Length(ReadOnlySpan<char> text) =>
        text.Length < 2 || (Alone[text[0]] && Alone[text[1]]) ? Math.Min(1, text.Length) : StringInfo.GetNextTextElementLength(text);

    static bool[] Build()
    {
        var alone = new bool[0x10000];
        for (var i = 0; i < alone.Length; i++)
        {
            // Jamo join one another and syllables; a carriage return joins a line feed.
            var joins = i is '\r' or (>= 0x1100 and <= 0x11FF) or (>= 0xA960 and <= 0xA97F) or (>= 0xD7B0 and <= 0xDFFF);
            var c = (char)i;
            alone[i] = !joins && (i < 0x80 || (StringInfo.GetNextTextElementLength(['a', c]) == 1 && StringInfo.GetNextTextElementLength([c, 'a']) == 1));
        }

        return alone;
    }
}
