using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Sets a string before every text that is not empty.</summary>
sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        output.Add(prefix);
        output.Add(text);
        return true;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Prepend");
        json.WriteString("prepend", prefix);
    }
}
