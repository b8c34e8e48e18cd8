using System.Text;

namespace DataPrep;

/// <summary>64-bit hashes that are the same on every machine and in every version: orders, splits and samples derive from them, never from an ambient generator.</summary>
public static class StableHash
{
    const ulong Offset = 14695981039346656037UL;
    const ulong Prime = 1099511628211UL;

    /// <summary>Hash of a seed and some strings: FNV-1a over their UTF-8 bytes, each ended by a byte no UTF-8 text holds, finished by splitmix64's mixer.</summary>
    public static ulong Of(long seed, params ReadOnlySpan<string> parts)
    {
        var hash = Offset ^ Mix((ulong)seed);
        Span<byte> stack = stackalloc byte[512];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetMaxByteCount(part.Length) <= stack.Length ? stack[..Encoding.UTF8.GetBytes(part, stack)] : Encoding.UTF8.GetBytes(part);
            foreach (var b in bytes)
            {
                hash = (hash ^ b) * Prime;
            }

            hash = (hash ^ 0xFF) * Prime;
        }

        return Mix(hash);
    }

    /// <summary>splitmix64's finalizer (Steele, Lea and Flood 2014): a bijection of 64 bits in which every input bit reaches every output bit.</summary>
    public static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
