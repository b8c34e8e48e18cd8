using DataPrep.Text.Unigram;

namespace DataPrep.Text.Bpe;

/// <summary>Room of one <see cref="WordStep"/> in one thread.</summary>
sealed class WordScratch
{
    /// <summary>A changed text.</summary>
    public CharBuffer Text { get; } = new();

    /// <summary>Parts found ahead.</summary>
    public List<(int Start, int End)> Parts { get; } = [];
}
