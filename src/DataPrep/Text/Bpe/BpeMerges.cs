using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPrep.Text.Bpe;

/// <summary>Rank and result of each pair of pieces that is merged: an open table. Immutable, thread-safe.</summary>
sealed class BpeMerges
{
    /// <summary>Rank of a pair that is not merged: after every other.</summary>
    public const int None = int.MaxValue;

    readonly Entry[] entries;
    readonly int shift;

    /// <param name="merges">Ids of the pieces and of what they make, in rank order; of a pair that stands twice the last counts.</param>
    public BpeMerges(IReadOnlyList<(int Left, int Right, int Merged)> merges)
    {
        var bits = BitOperations.Log2((uint)Math.Max(1, merges.Count)) + 2;
        shift = 64 - bits;
        entries = new Entry[1 << bits];
        Array.Fill(entries, new Entry(ulong.MaxValue, None, -1));
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right, merged) = merges[rank];
            var key = Key(left, right);
            entries[Slot(key)] = new Entry(key, rank, merged);
        }
    }

    /// <summary>Rank of a pair, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right) => entries[Slot(Key(left, right))].Rank;

    /// <summary>Id of what a pair makes.</summary>
    public int Merged(int left, int right) => entries[Slot(Key(left, right))].Merged;

    static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    // Where the key is, or the empty place where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Slot(ulong key)
    {
        var mask = entries.Length - 1;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> shift);
        while (entries[slot].Key != key && entries[slot].Merged >= 0)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    [StructLayout(LayoutKind.Auto)]
    readonly record struct Entry(ulong Key, int Rank, int Merged);
}
