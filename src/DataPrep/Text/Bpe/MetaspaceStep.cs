using DataPrep.Text.Unigram;

namespace DataPrep.Text.Bpe;

/// <summary>Marks blanks, sets a mark before the text, and splits before marks.</summary>
sealed class MetaspaceStep(char mark, PrependScheme prepend, bool split) : WordStep
{
    public override ReadOnlySpan<char> Begin(ReadOnlySpan<char> text, bool first, WordScratch scratch)
    {
        var output = scratch.Text;
        output.Clear();
        if (text[0] != ' ' && text[0] != mark && (prepend == PrependScheme.Always || (prepend == PrependScheme.First && first)))
        {
            output.Add(mark);
        }

        output.Add(text);
        output.Text.Replace(' ', mark);
        return output.Text;
    }

    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        start = position;
        if (start == text.Length)
        {
            end = start;
            return false;
        }

        var next = split ? text[(start + 1)..].IndexOf(mark) : -1;
        end = position = next < 0 ? text.Length : start + 1 + next;
        return true;
    }
}
