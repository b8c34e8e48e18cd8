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
}
