namespace DataPrep.Text.Unigram;

/// <summary>Texts through the steps of a normalizer. Scratch of one thread.</summary>
sealed class NormalizedText(IReadOnlyList<TextNormalizer> normalizers)
{
    readonly TextNormalizer[] steps = [.. normalizers];
    CharBuffer current = new();
    CharBuffer next = new();

    /// <summary>Normalized text, valid until the next call.</summary>
    public CharBuffer Of(ReadOnlySpan<char> text)
    {
        current.Clear();
        current.Add(text);
        foreach (var normalizer in steps)
        {
            next.Clear();
            if (normalizer.Apply(current.Text, next))
            {
                (current, next) = (next, current);
            }
        }

        return current;
    }
}
