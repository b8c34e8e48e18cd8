namespace DataPrep.Text.Bpe;

/// <summary>Splits numbers off, digit by digit or as runs.</summary>
sealed class DigitsStep(bool individual) : WordStep
{
    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        start = end = position;
        while (end < text.Length)
        {
            var isNumber = WordCharacters.At(text, end, out var length) == WordCharacter.Number;
            if (!isNumber)
            {
                end += length;
                continue;
            }

            if (end == start)
            {
                end = individual ? end + length : WordCharacters.RunEnd(text, end, WordCharacter.Number);
            }

            break;
        }

        position = end;
        return end > start;
    }
}
