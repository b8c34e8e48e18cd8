namespace DataPrep.Text.Analysis;

/// <summary>
/// Word boundaries after Unicode's UAX #29 in the parts that matter for search: runs of letters, digits and marks; an apostrophe between letters and a point or comma between digits
/// stay inside the word; Han and Hiragana characters stand alone. Underscores and points between letters separate, unlike UAX #29: text about programs is full of them.
/// </summary>
static class Words
{
    public static bool Next(ReadOnlySpan<char> text, ref int position, out int start, out int length)
    {
        var i = position;
        var size = 1;
        var first = CharacterClass.Separator;
        for (; i < text.Length; i += size)
        {
            first = CharacterClasses.At(text, i, out size);
            if (first is not (CharacterClass.Separator or CharacterClass.Mark or CharacterClass.Apostrophe))
            {
                break;
            }
        }

        start = Math.Min(i, text.Length);
        length = 0;
        position = text.Length;
        if (i >= text.Length)
        {
            return false;
        }

        i += size;
        i = first == CharacterClass.Ideograph ? SkipMarks(text, i) : SkipWord(text, i, first);
        position = i;
        length = i - start;
        return true;
    }

    static int SkipMarks(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && CharacterClasses.At(text, i, out var size) == CharacterClass.Mark)
        {
            i += size;
        }

        return i;
    }

    static int SkipWord(ReadOnlySpan<char> text, int i, CharacterClass last)
    {
        while (i < text.Length)
        {
            var next = CharacterClasses.At(text, i, out var size);
            switch (next)
            {
                case CharacterClass.Letter or CharacterClass.Digit or CharacterClass.Katakana or CharacterClass.Hangul:
                    last = next;
                    break;
                case CharacterClass.Mark:
                    break;
                case CharacterClass.Apostrophe when last == CharacterClass.Letter && Follows(text, i + size, CharacterClass.Letter):
                    break;
                case CharacterClass.Separator when text[i] is '.' or ',' && last == CharacterClass.Digit && Follows(text, i + 1, CharacterClass.Digit):
                    break;
                default:
                    return i;
            }

            i += size;
        }

        return i;
    }

    static bool Follows(ReadOnlySpan<char> text, int i, CharacterClass wanted) => i < text.Length && CharacterClasses.At(text, i, out _) == wanted;
}
