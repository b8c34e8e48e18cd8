namespace DataPrep.Text.Unigram;

/// <summary>Special tokens around texts: ids before the first, between two (empty for a single text) and after the last.</summary>
sealed record UnigramTemplate(int[] Prefix, int[] Middle, int[] Suffix)
{
    public static UnigramTemplate Empty { get; } = new([], [], []);
}
