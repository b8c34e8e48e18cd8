namespace DataPrep.Text.Analysis;

/// <summary>
/// Lucene's CJKAnalyzer without its stop words: full-width and half-width forms folded, overlapping bigrams of runs of Han, Hiragana, Katakana and Hangul characters, a character
/// that stands alone as itself, all other words in lower case.
/// </summary>
public sealed class CjkAnalyzer : WordAnalyzer
{
    /// <inheritdoc/>
    public override string Name => "cjk";

    internal override string Prepare(string text) => WidthFolding.Fold(text);

    internal override bool NextWord(ReadOnlySpan<char> text, ref int position, out int start, out int length)
    {
        while (position < text.Length)
        {
            var kind = CharacterClasses.At(text, position, out var size);
            start = position;
            if (IsCjk(kind))
            {
                position += size;
                if (position < text.Length && IsCjk(CharacterClasses.At(text, position, out var second)))
                {
                    length = size + second;
                    return true;
                }

                // The last character of a run is already in the bigram before it.
                if (start == 0 || !IsCjk(Before(text, start)))
                {
                    length = size;
                    return true;
                }
            }
            else if (kind is CharacterClass.Letter or CharacterClass.Digit)
            {
                while (position < text.Length && CharacterClasses.At(text, position, out size) is CharacterClass.Letter or CharacterClass.Digit or CharacterClass.Mark)
                {
                    position += size;
                }

                length = position - start;
                return true;
            }
            else
            {
                position += size;
            }
        }

        start = text.Length;
        length = 0;
        return false;
    }

    internal override void AppendTerms(ReadOnlySpan<char> word, List<string> terms)
    {
        Span<char> buffer = word.Length <= 256 ? stackalloc char[256] : new char[word.Length];
        terms.Add(new string(LowerCase.Fold(word, buffer)));
    }

    static bool IsCjk(CharacterClass kind) => kind is CharacterClass.Ideograph or CharacterClass.Katakana or CharacterClass.Hangul;

    static CharacterClass Before(ReadOnlySpan<char> text, int position)
    {
        var previous = position - 1;
        if (previous > 0 && char.IsLowSurrogate(text[previous]))
        {
            previous--;
        }

        return CharacterClasses.At(text, previous, out _);
    }
}
