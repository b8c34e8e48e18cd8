namespace Trainer.Encoders;

/// <summary>Token ids of several texts end to end, without padding.</summary>
/// <param name="Ids">Ids of all texts, (T).</param>
/// <param name="Offsets">Where each text starts, (B); a text ends where the next one starts.</param>
public sealed record TokenBatch(long[] Ids, long[] Offsets)
{
    /// <summary>Token types of all texts, (T): which text of a pair a token belongs to; null where all are 0.</summary>
    public long[]? Types { get; init; }

    /// <summary>Number of texts, B.</summary>
    public int Count => Offsets.Length;

    /// <summary>Where a text ends.</summary>
    public long End(int text) => text + 1 < Count ? Offsets[text + 1] : Ids.LongLength;

    /// <summary>Some of the texts, as a batch of their own.</summary>
    public TokenBatch Slice(int start, int count)
    {
        var (from, to) = ((int)Offsets[start], (int)End(start + count - 1));
        return new TokenBatch(Ids[from..to], [.. Offsets.AsSpan(start, count).ToArray().Select(o => o - from)]) { Types = Types?[from..to] };
    }

    /// <summary>The texts in slices of at most so many tokens, in order; a longer text is a slice of its own.</summary>
    public IEnumerable<TokenBatch> Slices(long tokens)
    {
        for (int start = 0, end; start < Count; start = end)
        {
            for (end = start + 1; end < Count && End(end) - Offsets[start] <= tokens; end++)
            {
            }

            yield return end - start == Count ? this : Slice(start, end - start);
        }
    }

    /// <summary>Two batches as one.</summary>
    public static TokenBatch Concat(TokenBatch first, TokenBatch second) => new([.. first.Ids, .. second.Ids], [.. first.Offsets, .. second.Offsets.Select(o => o + first.Ids.LongLength)])
    {
        Types = first.Types is null && second.Types is null ? null : [.. first.Types ?? new long[first.Ids.Length], .. second.Types ?? new long[second.Ids.Length]],
    };
}
