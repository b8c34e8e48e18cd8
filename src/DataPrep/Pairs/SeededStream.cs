namespace DataPrep.Pairs;

/// <summary>The splitmix64 generator (Steele, Lea and Flood 2014).</summary>
/// <param name="state">Where it starts.</param>
struct SeededStream(ulong state)
{
    ulong state = state;

    /// <summary>The next 64 bits.</summary>
    internal ulong Next()
    {
        var next = StableHash.Mix(state);
        state += 0x9E3779B97F4A7C15UL;
        return next;
    }

    /// <summary>A number in [0, bound), by the high half of a 128-bit product.</summary>
    internal int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>A number in [0, 1) of 53 bits.</summary>
    internal double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
