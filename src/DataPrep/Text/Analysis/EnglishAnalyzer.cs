namespace DataPrep.Text.Analysis;

/// <summary>Lucene's EnglishAnalyzer: words in lower case, possessive 's dropped, 33 stop words dropped, Porter stems.</summary>
public sealed class EnglishAnalyzer : WordAnalyzer
{
    /// <inheritdoc/>
    public override string Name => "english";

    internal override void AppendTerms(ReadOnlySpan<char> word, List<string> terms)
    {
        Span<char> buffer = word.Length <= 256 ? stackalloc char[256] : new char[word.Length];
        var folded = LowerCase.Fold(word, buffer);
        if (folded.EndsWith("'s"))
        {
            folded = folded[..^2];
        }

        if (!StopWords.Contains(folded))
        {
            terms.Add(new string(folded[..PorterStemmer.Stem(folded)]));
        }
    }
}
