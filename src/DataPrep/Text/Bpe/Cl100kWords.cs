namespace DataPrep.Text.Bpe;

/// <summary>
/// The pattern of GPT-4 and Llama 3, <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>, and of Qwen, whose
/// digits stand alone. Its matches cover a text without gaps.
/// </summary>
/// <param name="mostDigits">Most digits of a number: 3 or 1.</param>
sealed class Cl100kWords(int mostDigits) : WordStep
{
    /// <summary>The pattern of Llama 3.</summary>
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The pattern of Qwen 2 and 3.</summary>
    public const string Qwen = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        start = position;
        end = position = start < text.Length ? End(text, start) : start;
        return end > start;
    }

    int End(ReadOnlySpan<char> text, int i)
    {
        if (text[i] == '\'' && Contractions.Length(text[(i + 1)..], ignoreCase: true) is > 0 and var contraction)
        {
            return i + 1 + contraction;
        }

        var kind = WordCharacters.At(text, i, out var length);
        if (kind == WordCharacter.Letter)
        {
            return WordCharacters.RunEnd(text, i, kind);
        }

        if (kind == WordCharacter.Number)
        {
            for (var digits = 1; digits < mostDigits && i + length < text.Length && WordCharacters.At(text, i + length, out var next) == kind; digits++)
            {
                length += next;
            }

            return i + length;
        }

        var follows = i + length < text.Length ? WordCharacters.At(text, i + length, out _) : kind;
        if (kind != WordCharacter.Newline && follows == WordCharacter.Letter)
        {
            return WordCharacters.RunEnd(text, i + length, WordCharacter.Letter);
        }

        if (kind == WordCharacter.Other || (text[i] == ' ' && follows == WordCharacter.Other))
        {
            return WordCharacters.RunEnd(text, WordCharacters.RunEnd(text, i + (text[i] == ' ' ? 1 : 0), WordCharacter.Other), WordCharacter.Newline);
        }

        var end = WordCharacters.SpaceEnd(text, i);
        var newline = text[i..end].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? i + newline + 1 : end < text.Length && end - i > 1 ? end - 1 : end;
    }
}
