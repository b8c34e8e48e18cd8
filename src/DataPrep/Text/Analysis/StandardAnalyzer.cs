namespace DataPrep.Text.Analysis;

/// <summary>Lower-case words: runs of letters and digits of any script, Han and Hiragana characters one by one. No stop words, no stemming.</summary>
public sealed class StandardAnalyzer : WordAnalyzer
{
    /// <inheritdoc/>
    public override string Name => "standard";

    internal override void AppendTerms(ReadOnlySpan<char> word, List<string> terms)
    {
        Span<char> buffer = word.Length <= 256 ? stackalloc char[256] : new char[word.Length];
        terms.Add(new string(LowerCase.Fold(word, buffer)));
    }
}
