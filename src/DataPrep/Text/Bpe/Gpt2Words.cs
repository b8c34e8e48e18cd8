namespace DataPrep.Text.Bpe;

/// <summary>
/// The pattern of GPT-2, RoBERTa and ModernBERT: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. Its matches cover a text without gaps.
/// </summary>
sealed class Gpt2Words : WordStep
{
    /// <summary>The pattern as a tokenizer.json may have it.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        start = position;
        end = position = start < text.Length ? End(text, start) : start;
        return end > start;
    }

    static int End(ReadOnlySpan<char> text, int i)
    {
        if (text[i] == '\'' && Contractions.Length(text[(i + 1)..], ignoreCase: false) is > 0 and var length)
        {
            return i + 1 + length;
        }

        var from = text[i] == ' ' && i + 1 < text.Length ? i + 1 : i;
        var kind = WordCharacters.At(text, from, out _);
        if (kind is WordCharacter.Space or WordCharacter.Newline)
        {
            var end = WordCharacters.SpaceEnd(text, i);

            // The last white space goes with what follows, or stands alone where it is no blank.
            return end < text.Length && end - i > 1 ? end - 1 : end;
        }

        return WordCharacters.RunEnd(text, from, kind);
    }
}
