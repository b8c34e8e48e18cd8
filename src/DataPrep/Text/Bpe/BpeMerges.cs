using System.Numerics;
using System.Runtime.CompilerServices;

namespace DataPrep.Text.Bpe;

/// <summary>Rank and result of each pair of pieces that is merged: an open table whose entries, both ids and the rank, are one word each. Immutable, thread-safe.</summary>
sealed class BpeMerges
{
    /// <summary>Rank of a pair that is not merged: after every other.</summary>
    public const int None = int.MaxValue;

    /// <summary>Ids and ranks are below this.</summary>
    public const int Most = 1 << Bits;

    const int Bits = 21;
    const ulong Free = ulong.MaxValue;

    readonly ulong[] entries;
    readonly int[] merged;
    readonly int shift;

    /// <param name="merges">Ids of the pieces and of what they make, in rank order; of a pair that stands twice the last counts.</param>
    public BpeMerges(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        var bits = BitOperations.Log2((uint)Math.Max(1, merges.Count)) + 2;
        shift = 64 - bits;
        entries = new ulong[1 << bits];
        Array.Fill(entries, Free);
        merged = new int[merges.Count];
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, result) = merges[rank];
            merged[rank] = result;
            var key = Key(left, right);
            var slot = Start(key);
            while (entries[slot] != Free && entries[slot] >> Bits != key)
            {
                slot = (slot + 1) & (entries.Length - 1);
            }

            entries[slot] = (key << Bits) | (uint)rank;
        }
    }

    /// <summary>Rank of a pair, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right)
    {
        var table = entries;
        var key = Key(left, right);
        for (var slot = Start(key); ; slot = (slot + 1) & (table.Length - 1))
        {
            var entry = table[slot];
            if (entry >> Bits == key)
            {
                return (int)(entry & (Most - 1));
            }

            if (entry == Free)
            {
                return None;
            }
        }
    }

    /// <summary>Id of what the pair of a rank makes.</summary>
    public int Merged(int rank) => merged[rank];

    static ulong Key(int left, int right) => ((ulong)(uint)left << Bits) | (uint)right;

    int Start(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> shift);
}
