namespace DataPrep.Shards;

/// <summary>
/// A seeded permutation of [0, n) that gives the item at any position in constant time and memory: a four-round Feistel network over the next even power of two,
/// walked until it lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
/// </summary>
public readonly struct SeededPermutation
{
    readonly ulong key;
    readonly int halfBits;

    /// <param name="count">Number of items; at least 1.</param>
    /// <param name="key">What the permutation depends on.</param>
    public SeededPermutation(long count, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        this.key = key;
        halfBits = 1;
        while ((1L << (2 * halfBits)) < count)
        {
            halfBits++;
        }
    }

    /// <summary>Number of items.</summary>
    public long Count { get; }

    /// <summary>The item at a position.</summary>
    public long this[long position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
            do
            {
                position = Walk(position);
            }
            while (position >= Count);
            return position;
        }
    }

    long Walk(long value)
    {
        var mask = (1UL << halfBits) - 1;
        var (left, right) = ((ulong)value >> halfBits, (ulong)value & mask);
        for (var round = 0UL; round < 4; round++)
        {
            (left, right) = (right, left ^ (StableHash.Mix(key ^ (round << 56) ^ right) & mask));
        }

        return (long)((left << halfBits) | right);
    }
}
