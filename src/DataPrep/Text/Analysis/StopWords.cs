using System.Collections.Frozen;

namespace DataPrep.Text.Analysis;

/// <summary>The 33 English stop words of Lucene's EnglishAnalyzer (ENGLISH_STOP_WORDS_SET).</summary>
static class StopWords
{
    static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> English = FrozenSet.ToFrozenSet(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there",
        "these", "they", "this", "to", "was", "will", "with",
    ]).GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Contains(ReadOnlySpan<char> word) => word.Length <= 5 && English.Contains(word);
}
