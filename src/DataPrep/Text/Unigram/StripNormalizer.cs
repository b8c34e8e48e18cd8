using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Takes white space from the ends.</summary>
sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var kept = left ? text.TrimStart() : text;
        kept = right ? kept.TrimEnd() : kept;
        output.Add(kept);
        return true;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Strip");
        json.WriteBoolean("strip_left", left);
        json.WriteBoolean("strip_right", right);
    }
}
