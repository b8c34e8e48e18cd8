namespace DataPrep.Text.Bpe;

/// <summary>Splits at white space, which is dropped.</summary>
sealed class WhitespaceStep : WordStep
{
    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        start = WordCharacters.SpaceEnd(text, position);
        for (end = start; end < text.Length && !char.IsWhiteSpace(text[end]); end++)
        {
        }

        position = end;
        return end > start;
    }
}
