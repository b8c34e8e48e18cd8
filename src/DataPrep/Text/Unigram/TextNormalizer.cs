using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>One step of a tokenizer.json's normalizer. Immutable, thread-safe.</summary>
abstract class TextNormalizer
{
    /// <summary>Appends the normalized text, or returns false, with nothing appended, where it is the text itself.</summary>
    public abstract bool Apply(ReadOnlySpan<char> text, CharBuffer output);

    /// <summary>Writes the members of the step's object in tokenizer.json.</summary>
    public abstract void Write(Utf8JsonWriter json);
}
