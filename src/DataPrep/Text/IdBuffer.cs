using System.Numerics;

namespace DataPrep.Text;

/// <summary>Ids that grow, written to directly by loops that reserved room. Not thread-safe.</summary>
sealed class IdBuffer
{
    int[] items = new int[256];

    /// <summary>Number of ids; those beyond a smaller count are forgotten.</summary>
    public int Count { get; set; }

    /// <summary>The ids.</summary>
    public ReadOnlySpan<int> Ids => items.AsSpan(0, Count);

    public void Add(int id)
    {
        if (Count == items.Length)
        {
            Reserve(1);
        }

        items[Count++] = id;
    }

    public void AddRange(ReadOnlySpan<int> ids)
    {
        ids.CopyTo(Reserve(ids.Length));
        Count += ids.Length;
    }

    /// <summary>Room after the last id for so many more; <see cref="Count"/> is the caller's to raise.</summary>
    public Span<int> Reserve(int more)
    {
        if (items.Length - Count < more)
        {
            Array.Resize(ref items, checked((int)BitOperations.RoundUpToPowerOf2((uint)Count + (uint)more)));
        }

        return items.AsSpan(Count);
    }

    /// <summary>Turns the ids from a place to the end around.</summary>
    public void Reverse(int from) => items.AsSpan(from, Count - from).Reverse();
}
