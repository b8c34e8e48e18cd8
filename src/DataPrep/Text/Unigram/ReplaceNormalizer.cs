using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Replaces each occurrence of a string, or each run of two and more spaces.</summary>
/// <param name="pattern">The string; null for runs of spaces (the regular expression <see cref="Spaces"/>).</param>
/// <param name="content">What comes in its place.</param>
sealed class ReplaceNormalizer(string? pattern, string content) : TextNormalizer
{
    /// <summary>The regular expression of a run of spaces as tokenizer.json has it.</summary>
    public const string Spaces = " {2,}";

    readonly string pattern = pattern ?? "  ";
    readonly bool runs = pattern is null;

    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var next = text.IndexOf(pattern);
        if (next < 0)
        {
            return false;
        }

        for (; next >= 0; next = text.IndexOf(pattern))
        {
            output.Add(text[..next]);
            output.Add(content);
            text = text[(next + pattern.Length)..];
            if (runs)
            {
                text = text.TrimStart(' ');
            }
        }

        output.Add(text);
        return true;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Replace");
        json.WriteStartObject("pattern");
        json.WriteString(runs ? "Regex" : "String", runs ? Spaces : pattern);
        json.WriteEndObject();
        json.WriteString("content", content);
    }
}
