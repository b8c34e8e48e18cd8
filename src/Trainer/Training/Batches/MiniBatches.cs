using Trainer.Encoders;
using Trainer.Losses;

namespace Trainer.Training.Batches;

/// <summary>Cuts the texts of a batch into mini-batches that go through the encoder at once.</summary>
public static class MiniBatches
{
    /// <summary>Cuts a sequence of texts into runs, each as long as both bounds allow (greedy); a text above the token bound goes alone. The runs depend on the lengths and bounds alone.</summary>
    /// <param name="lengths">Tokens of each text.</param>
    /// <param name="texts">Texts of a run at most; at least 1.</param>
    /// <param name="tokens">Tokens of a run at most; null for any number. At least 1.</param>
    /// <param name="padded">Counts a run as its longest text times its texts, for encoders that pad; else as the sum of its lengths.</param>
    /// <returns>The runs in order: together they hold every text once.</returns>
    public static IReadOnlyList<RowRange> Split(ReadOnlySpan<int> lengths, int texts, long? tokens = null, bool padded = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(texts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens ?? 1, 1);
        var runs = new List<RowRange>();
        var (start, longest, sum) = (0, 0, 0L);
        for (var i = 0; i < lengths.Length; i++)
        {
            var length = lengths[i];
            var cost = padded ? (long)Math.Max(longest, length) * (i - start + 1) : sum + length;
            if (i > start && (i - start == texts || cost > tokens))
            {
                runs.Add(new RowRange(start, i - start));
                (start, longest, sum) = (i, 0, 0);
            }

            (longest, sum) = (Math.Max(longest, length), sum + length);
        }

        if (start < lengths.Length)
        {
            runs.Add(new RowRange(start, lengths.Length - start));
        }

        return runs;
    }

    /// <summary>As the other, for texts that are tokenised.</summary>
    public static IReadOnlyList<RowRange> Split(TokenBatch batch, int texts, long? tokens = null, bool padded = false)
    {
        var lengths = new int[batch.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = (int)(batch.End(i) - batch.Offsets[i]);
        }

        return Split(lengths, texts, tokens, padded);
    }
}
