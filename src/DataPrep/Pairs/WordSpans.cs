namespace DataPrep.Pairs;

/// <summary>Where the words of a text stand: runs without white space; in Chinese and Japanese, which write none, two characters at a time.</summary>
static class WordSpans
{
    internal static List<(int Start, int End)> Of(string text)
    {
        var spans = new List<(int, int)>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            if (Unspaced(text, i, out var size))
            {
                i += size;
                i += Unspaced(text, i, out size) ? size : 0;
            }
            else
            {
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && !Unspaced(text, i, out _))
                {
                    i++;
                }
            }

            spans.Add((start, i));
        }

        return spans;
    }

    static bool Unspaced(string text, int at, out int size)
    {
        size = 1;
        if (at >= text.Length)
        {
            return false;
        }

        if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length)
        {
            size = 2;
            return char.ConvertToUtf32(text[at], text[at + 1]) is >= 0x20000 and < 0x40000;
        }

        return text[at] is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');
    }
}
