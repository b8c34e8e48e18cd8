namespace DataPrep.Text.Bpe;

/// <summary>Splits at the matches of a pattern.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="behavior">What becomes of its matches.</param>
/// <param name="invert">Takes what it does not match for its matches.</param>
sealed class SplitStep(TextPattern pattern, SplitBehavior behavior, bool invert) : WordStep
{
    public override ReadOnlySpan<char> Begin(ReadOnlySpan<char> text, bool first, WordScratch scratch)
    {
        var parts = scratch.Parts;
        parts.Clear();
        var matches = new List<(int Start, int End, bool Match)>();
        var position = 0;
        foreach (var (start, end) in pattern.Matches(text))
        {
            if (start > position)
            {
                matches.Add((position, start, invert));
            }

            matches.Add((start, end, !invert));
            position = end;
        }

        if (position < text.Length)
        {
            matches.Add((position, text.Length, invert));
        }

        switch (behavior)
        {
            case SplitBehavior.MergedWithNext:
                MergeWithNext(matches, parts);
                break;
            case SplitBehavior.MergedWithPrevious or SplitBehavior.Contiguous:
                MergeWithPrevious(matches, parts);
                break;
            default:
                parts.AddRange(matches.Where(match => behavior == SplitBehavior.Isolated || !match.Match).Select(static match => (match.Start, match.End)));
                break;
        }

        parts.RemoveAll(static part => part.Start == part.End);
        return text;
    }

    public override bool Next(ReadOnlySpan<char> text, WordScratch scratch, ref int position, out int start, out int end)
    {
        (start, end) = position < scratch.Parts.Count ? scratch.Parts[position++] : (0, 0);
        return end > start;
    }

    void MergeWithPrevious(List<(int Start, int End, bool Match)> matches, List<(int Start, int End)> parts)
    {
        var previous = false;
        foreach (var (start, end, match) in matches)
        {
            var joins = behavior == SplitBehavior.Contiguous ? match == previous : match && !previous;
            if (joins && parts.Count > 0)
            {
                parts[^1] = (parts[^1].Start, end);
            }
            else
            {
                parts.Add((start, end));
            }

            previous = match;
        }
    }

    static void MergeWithNext(List<(int Start, int End, bool Match)> matches, List<(int Start, int End)> parts)
    {
        var previous = false;
        for (var i = matches.Count - 1; i >= 0; i--)
        {
            var (start, end, match) = matches[i];
            if (match && !previous && parts.Count > 0)
            {
                parts[^1] = (start, parts[^1].End);
            }
            else
            {
                parts.Add((start, end));
            }

            previous = match;
        }

        parts.Reverse();
    }
}
