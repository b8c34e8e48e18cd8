namespace DataPrep.Text;

/// <summary>Special tokens around texts: ids before the first, between two (empty for a single text) and after the last.</summary>
sealed record TokenTemplate(int[] Prefix, int[] Middle, int[] Suffix)
{
    public static TokenTemplate Empty { get; } = new([], [], []);

    /// <summary>Two texts end to end, as Hugging Face joins them where no template tells otherwise.</summary>
    public static TokenTemplate Joined { get; } = new([], [], []) { SecondType = 1 };

    /// <summary>Token types of <see cref="Prefix"/>. Default all 0, like the others.</summary>
    public int[] PrefixTypes { get; init; } = new int[Prefix.Length];

    /// <summary>Token types of <see cref="Middle"/>.</summary>
    public int[] MiddleTypes { get; init; } = new int[Middle.Length];

    /// <summary>Token types of <see cref="Suffix"/>.</summary>
    public int[] SuffixTypes { get; init; } = new int[Suffix.Length];

    /// <summary>Token type of the first text.</summary>
    public int FirstType { get; init; }

    /// <summary>Token type of the second text.</summary>
    public int SecondType { get; init; }

    /// <summary>Number of special tokens.</summary>
    public int Length => Prefix.Length + Middle.Length + Suffix.Length;

    /// <summary>Ids and types of two texts, cut to <paramref name="maxLength"/> with the special tokens: the longer first, as Hugging Face's longest_first does.</summary>
    /// <exception cref="DataPrepException">There is no room for the special tokens.</exception>
    public TokenPair Join(ReadOnlySpan<int> first, ReadOnlySpan<int> second, int maxLength)
    {
        if (maxLength < Length)
        {
            throw new DataPrepException($"A pair of texts is cut at {maxLength} ids, and its template alone has {Length}. Expected room for the special tokens.");
        }

        var (lengthFirst, lengthSecond) = Cut(first.Length, second.Length, maxLength - Length);
        int[] ids = [.. Prefix, .. first[..lengthFirst], .. Middle, .. second[..lengthSecond], .. Suffix];
        int[] types = [.. PrefixTypes, .. Enumerable.Repeat(FirstType, lengthFirst), .. MiddleTypes, .. Enumerable.Repeat(SecondType, lengthSecond), .. SuffixTypes];
        return new TokenPair(ids, types);
    }

    /// <summary>Ids kept of two texts where there is room for so many.</summary>
    internal static (int First, int Second) Cut(int first, int second, int room)
    {
        if ((long)first + second <= room)
        {
            return (first, second);
        }

        var shorter = Math.Min(first, second);
        var longer = Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            (shorter, longer) = (room / 2, room - (room / 2));
        }

        return first > second ? (longer, shorter) : (shorter, longer);
    }
}
