using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DataPrep.Text;

/// <summary>
/// Ids of the pieces of text seen so far. Short ones stand in an open table whose entries, key and up to three ids, are half a cache line each; longer ones in a <see cref="SpanTable"/>.
/// Bounded: where it is full it forgets all and starts again. One per thread.
/// </summary>
sealed class IdCache
{
    // Longer texts seldom come back; more texts than this and memory would follow the corpus.
    const int LongestKept = 48, MostKept = 1 << 17, InEntry = 3, InArena = -1;

    readonly SpanTable texts = new();
    readonly List<(int Start, int Count)> bounds = [];
    readonly List<int> arena = [];
    byte[] memory = [];
    int offset;
    int shift;
    int kept;

    public IdCache() => Allocate(10);

    ref Entry First => ref Unsafe.As<byte, Entry>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(memory), offset));

    /// <summary>Has the processor fetch what <see cref="AppendKnown"/> of the key will read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(in IdKey key)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((Entry*)Unsafe.AsPointer(ref First) + (key.Hash >> shift));
        }
    }

    /// <summary>Appends the ids of keys up to the first that is not known or has more than three ids.</summary>
    /// <returns>The number of that key.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int AppendKnown(ReadOnlySpan<IdKey> keys, int next, IdBuffer ids)
    {
        // Each key writes four places.
        ref var output = ref MemoryMarshal.GetReference(ids.Reserve(4 * (keys.Length - next + 1)));
        var written = 0;
        for (; next < keys.Length; next++)
        {
            ref var entry = ref Find(keys[next]);
            if (entry.Tag == 0 || entry.Count < 0)
            {
                break;
            }

            Unsafe.As<int, Vector128<int>>(ref Unsafe.Add(ref output, written)) = Unsafe.As<int, Vector128<int>>(ref entry.First);
            written += entry.Count;
        }

        ids.Count += written;
        return next;
    }

    /// <summary>Appends the ids of a key; false where they are not known.</summary>
    public bool TryAppend(in IdKey key, IdBuffer ids)
    {
        ref var entry = ref Find(key);
        if (entry.Tag == 0)
        {
            return false;
        }

        ids.AddRange(entry.Count >= 0 ? MemoryMarshal.CreateReadOnlySpan(ref entry.First, entry.Count) : CollectionsMarshal.AsSpan(arena).Slice(entry.First, entry.Second));
        return true;
    }

    /// <summary>Appends the ids of a text that is too long for a key; false where they are not known.</summary>
    public bool TryAppend(ReadOnlySpan<char> text, uint hash, IdBuffer ids)
    {
        var number = text.Length > LongestKept ? -1 : texts.Find(text, hash);
        if (number < 0)
        {
            return false;
        }

        ids.AddRange(CollectionsMarshal.AsSpan(arena).Slice(bounds[number].Start, bounds[number].Count));
        return true;
    }

    /// <summary>Keeps the ids of a key that is not known yet.</summary>
    public void Keep(in IdKey key, ReadOnlySpan<int> ids)
    {
        if (kept == MostKept)
        {
            Clear();
        }
        else if (2 * ++kept > 1 << (64 - shift))
        {
            Grow();
        }

        ref var entry = ref Find(key);
        entry.Characters = key.Characters;
        entry.Tag = (ushort)key.Tag;
        if (ids.Length <= InEntry)
        {
            entry.Count = (short)ids.Length;
            ids.CopyTo(MemoryMarshal.CreateSpan(ref entry.First, InEntry));
        }
        else
        {
            (entry.Count, entry.First, entry.Second) = (InArena, arena.Count, ids.Length);
            arena.AddRange(ids);
        }
    }

    /// <summary>Keeps the ids of a text that is too long for a key and not known yet; does nothing where it is very long.</summary>
    public void Keep(ReadOnlySpan<char> text, uint hash, ReadOnlySpan<int> ids)
    {
        if (text.Length > LongestKept)
        {
            return;
        }

        if (texts.Count == MostKept)
        {
            Clear();
        }

        texts.Add(text, hash);
        bounds.Add((arena.Count, ids.Length));
        arena.AddRange(ids);
    }

    // The entry of a key, or the empty one where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ref Entry Find(in IdKey key)
    {
        var mask = (1UL << (64 - shift)) - 1;
        for (var slot = key.Hash >> shift; ; slot = (slot + 1) & mask)
        {
            ref var entry = ref Unsafe.Add(ref First, (nint)slot);
            if ((entry.Tag == key.Tag && entry.Characters == key.Characters) || entry.Tag == 0)
            {
                return ref entry;
            }
        }
    }

    // Pinned, so that the entries stay aligned and none lies across two cache lines.
    void Allocate(int bits)
    {
        memory = GC.AllocateArray<byte>(((1 << bits) + 1) * Unsafe.SizeOf<Entry>(), pinned: true);
        offset = -(int)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) & (Unsafe.SizeOf<Entry>() - 1);
        shift = 64 - bits;
    }

    void Grow()
    {
        var (old, oldOffset) = (memory, offset);
        Allocate(65 - shift);
        var entries = MemoryMarshal.Cast<byte, Entry>(old.AsSpan(oldOffset, old.Length - Unsafe.SizeOf<Entry>()));
        foreach (ref readonly var entry in entries)
        {
            if (entry.Tag != 0)
            {
                Find(new IdKey(entry.Characters, entry.Tag)) = entry;
            }
        }
    }

    void Clear()
    {
        Array.Clear(memory);
        texts.Clear();
        bounds.Clear();
        arena.Clear();
        kept = 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Entry
    {
        public Vector128<byte> Characters;
        public int First;
        public int Second;
        public int Third;
        public ushort Tag;
        public short Count;
    }
}
