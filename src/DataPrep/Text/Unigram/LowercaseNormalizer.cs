using System.Text.Json;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>Lower case, character by character as Rust's char::to_lowercase.</summary>
sealed class LowercaseNormalizer : TextNormalizer
{
    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            output.Add(BertLowercase.Of(rune.Value == 0x130 ? 'I' : rune.Value));
            if (rune.Value == 0x130)
            {
                output.Add('\u0307');
            }
        }

        return true;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Lowercase");
    }
}
