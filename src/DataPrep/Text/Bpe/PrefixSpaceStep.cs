namespace DataPrep.Text.Bpe;

/// <summary>ByteLevel's add_prefix_space: sets a blank before every part that has none, then splits by another step, if any.</summary>
sealed class PrefixSpaceStep(WordStep? words) : WordStep
{
    public override ReadOnlySpan<char> Begin(ReadOnlySpan<char> text, bool first, WordScratch scratch)
    {
        if (text[0] == ' ')
        {
            return text;
        }

        scratch.Text.Clear();
        scratch.Text.Add(' ');
        scratch.Text.Add(text);
        return scratch.Text.Text;
    }

    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        if (words is not null)
        {
            return words.Next(text, scratch, ref position, out start, out end);
        }

        (start, end) = (position, text.Length);
        position = end;
        return end > start;
    }
}
