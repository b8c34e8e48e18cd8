namespace DataPrep.Text.Analysis;

/// <summary>Lower case without culture, and typographic apostrophes made plain.</summary>
static class LowerCase
{
    /// <summary>Writes the folded word into <paramref name="buffer"/>, which is at least as long; returns that part of it.</summary>
    public static Span<char> Fold(ReadOnlySpan<char> word, Span<char> buffer)
    {
        var folded = buffer[..word.Length];
        word.ToLowerInvariant(folded);
        folded.Replace('\u2019', '\'');
        folded.Replace('\uFF07', '\'');
        return folded;
    }
}
