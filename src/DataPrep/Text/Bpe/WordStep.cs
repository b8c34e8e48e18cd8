namespace DataPrep.Text.Bpe;

/// <summary>One step of a tokenizer.json's pre_tokenizer: text to parts of it. Immutable, thread-safe.</summary>
abstract class WordStep
{
    /// <summary>The text that <see cref="Next"/> is to read: the same, or a changed one in the scratch.</summary>
    /// <param name="text">A text, or a part that the step before made.</param>
    /// <param name="first">Whether it begins where the whole text does.</param>
    /// <param name="scratch">Room of this thread and step.</param>
    public virtual ReadOnlySpan<char> Begin(ReadOnlySpan<char> text, bool first, WordScratch scratch) => text;

    /// <summary>Bounds of the next part that is not empty.</summary>
    /// <param name="text">What <see cref="Begin"/> gave.</param>
    /// <param name="scratch">The same as there.</param>
    /// <param name="position">Where to go on; 0 at first.</param>
    /// <param name="start">Start of the part.</param>
    /// <param name="end">End of the part.</param>
    /// <returns>False where there is none.</returns>
    public abstract bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end);
}
