using System.Numerics;
using System.Runtime.InteropServices;

namespace DataPrep.Text;

/// <summary>Numbers distinct strings 0, 1, 2, ... in order of arrival, found by span without making a string. Not thread-safe while strings are added.</summary>
sealed class SpanTable
{
    const uint Multiplier = 0x9E3779B1;

    int[] slots = new int[128];
    Entry[] entries = new Entry[64];
    char[] characters = new char[512];
    int used;

    /// <summary>Number of strings.</summary>
    public int Count { get; private set; }

    /// <summary>Hash of a string as <see cref="Find(ReadOnlySpan{char}, uint)"/> takes it.</summary>
    public static uint Hash(ReadOnlySpan<char> text)
    {
        var hash = 0x811C9DC5;
        foreach (var c in text)
        {
            hash = (hash ^ c) * Multiplier;
        }

        return hash;
    }

    /// <summary>Number of the string, or -1.</summary>
    public int Find(ReadOnlySpan<char> text) => Find(text, Hash(text));

    /// <summary>Number of the string whose <see cref="Hash"/> is given, or -1.</summary>
    public int Find(ReadOnlySpan<char> text, uint hash)
    {
        var mask = (uint)slots.Length - 1;
        for (var slot = Spread(hash) & mask; ; slot = (slot + 1) & mask)
        {
            var number = slots[slot] - 1;
            if (number < 0)
            {
                return -1;
            }

            ref readonly var entry = ref entries[number];
            if (entry.Hash == hash && entry.Length == text.Length && characters.AsSpan(entry.Start, entry.Length).SequenceEqual(text))
            {
                return number;
            }
        }
    }

    /// <summary>Number of the string; a new one is added.</summary>
    public int GetOrAdd(ReadOnlySpan<char> text)
    {
        var hash = Hash(text);
        var found = Find(text, hash);
        return found >= 0 ? found : Add(text, hash);
    }

    /// <summary>Adds a string that <see cref="Find(ReadOnlySpan{char}, uint)"/> did not find; returns its number.</summary>
    public int Add(ReadOnlySpan<char> text, uint hash)
    {
        if (Count == entries.Length)
        {
            Grow();
        }

        if (used + text.Length > characters.Length)
        {
            Array.Resize(ref characters, (int)BitOperations.RoundUpToPowerOf2((uint)(used + text.Length)));
        }

        text.CopyTo(characters.AsSpan(used));
        entries[Count] = new Entry(hash, used, text.Length);
        used += text.Length;
        Place(Count++);
        return Count - 1;
    }

    /// <summary>The string of a number.</summary>
    public ReadOnlySpan<char> this[int number] => characters.AsSpan(entries[number].Start, entries[number].Length);

    /// <summary>Forgets every string.</summary>
    public void Clear()
    {
        Count = 0;
        used = 0;
        Array.Clear(slots);
    }

    static uint Spread(uint hash) => hash ^ (hash >> 15);

    void Grow()
    {
        Array.Resize(ref entries, entries.Length * 2);
        slots = new int[slots.Length * 2];
        for (var number = 0; number < Count; number++)
        {
            Place(number);
        }
    }

    void Place(int number)
    {
        var mask = (uint)slots.Length - 1;
        var slot = Spread(entries[number].Hash) & mask;
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        slots[slot] = number + 1;
    }

    [StructLayout(LayoutKind.Auto)]
    readonly record struct Entry(uint Hash, int Start, int Length);
}
