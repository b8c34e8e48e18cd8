namespace DataPrep.Text.Analysis;

/// <summary>
/// Words about programs: identifiers fall apart at case changes, digits, points and underscores ("Dictionary.TryGetValue2" gives dictionary, try, get, value, 2), so that a
/// title of code meets prose about it. Parts are lower-cased; stop words and stems as in <see cref="EnglishAnalyzer"/>.
/// </summary>
/// <param name="keepWhole">Also keeps the lower-cased identifier where it has more than one part. Default false.</param>
/// <param name="stem">Porter stems of the parts. Default true.</param>
/// <param name="stopWords">Drops Lucene's 33 English stop words among the parts. Default true.</param>
public sealed class CodeAnalyzer(bool keepWhole = false, bool stem = true, bool stopWords = true) : WordAnalyzer
{
    /// <inheritdoc/>
    public override string Name => "code";

    /// <inheritdoc/>
    public override string Signature => $"code whole={(keepWhole ? 1 : 0)} stem={(stem ? 1 : 0)} stop={(stopWords ? 1 : 0)}";

    internal override void AppendTerms(ReadOnlySpan<char> word, List<string> terms)
    {
        Span<char> buffer = word.Length <= 256 ? stackalloc char[256] : new char[word.Length];
        var parts = 0;
        for (var i = 0; i < word.Length;)
        {
            var end = PartEnd(word, i);
            if (CharacterClasses.At(word, i, out _) is not (CharacterClass.Separator or CharacterClass.Apostrophe))
            {
                parts++;
                AppendPart(word[i..end], buffer, terms);
            }

            i = end;
        }

        if (keepWhole && parts > 1)
        {
            terms.Add(new string(LowerCase.Fold(word, buffer)));
        }
    }

    void AppendPart(ReadOnlySpan<char> part, Span<char> buffer, List<string> terms)
    {
        var folded = LowerCase.Fold(part, buffer);
        if (!stopWords || !StopWords.Contains(folded))
        {
            terms.Add(new string(stem ? folded[..PorterStemmer.Stem(folded)] : folded));
        }
    }

    // A part is one of: capitals up to the one that starts a capitalised word; a capital or none and lower-case letters; digits; one separator.
    static int PartEnd(ReadOnlySpan<char> word, int i)
    {
        var kind = CharacterClasses.At(word, i, out var size);
        var end = i + size;
        if (kind is CharacterClass.Separator or CharacterClass.Apostrophe)
        {
            return end;
        }

        if (kind == CharacterClass.Digit)
        {
            return Skip(word, end, static (w, j) => CharacterClasses.Of(w[j]) == CharacterClass.Digit);
        }

        if (!char.IsUpper(word[i]))
        {
            return Skip(word, end, IsLower);
        }

        var capitals = Skip(word, end, static (w, j) => char.IsUpper(w[j]));
        if (capitals == word.Length || !IsLower(word, capitals))
        {
            return capitals;
        }

        return capitals - i > 1 ? capitals - 1 : Skip(word, capitals, IsLower);
    }

    static bool IsLower(ReadOnlySpan<char> word, int i) =>
        !char.IsUpper(word[i]) && CharacterClasses.Of(word[i]) is not (CharacterClass.Digit or CharacterClass.Apostrophe) && !(word[i] is '.' or ',');

    static int Skip(ReadOnlySpan<char> word, int i, Predicate accepts)
    {
        while (i < word.Length && accepts(word, i))
        {
            i++;
        }

        return i;
    }

    delegate bool Predicate(ReadOnlySpan<char> word, int i);
}
