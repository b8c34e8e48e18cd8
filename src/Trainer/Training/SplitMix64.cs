using System.Text;

namespace Trainer.Training;

/// <summary>
/// The splitmix64 generator (Steele, Lea and Flood 2014): eight bytes of state, the same numbers everywhere. Streams are told apart by a key.
/// </summary>
/// <param name="state">The state; any value is a good seed.</param>
public struct SplitMix64(ulong state)
{
    /// <summary>The state: put into a new generator, it goes on where this one stands.</summary>
    public ulong State { get; private set; } = state;

    /// <summary>A state that depends on the seed and the name of the stream (FNV-1a of its UTF-8 bytes).</summary>
    public static ulong Key(long seed, string stream)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(stream))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return new SplitMix64(hash ^ (ulong)seed).Next();
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        State += 0x9E3779B97F4A7C15UL;
        var z = State;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="bound"/>), by the high half of a 128-bit product (bias below 2^-32 for any int bound).</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
