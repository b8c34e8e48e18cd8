using System.Buffers.Binary;

namespace DataPrep.Text.Unigram;

/// <summary>
/// SentencePiece's precompiled_charsmap: a double-array trie (Darts) of UTF-8 keys, whose values are offsets into a blob of replacements that each end in a zero byte. Read as hostile:
/// every unit that a key can reach is checked once, so a search needs no more than the bounds of its arrays. Immutable, thread-safe.
/// </summary>
sealed class CharsMap
{
    const int MostBytes = 1 << 24, LongestReplacement = 512;

    readonly uint[] units;
    readonly byte[] replacements;

    /// <param name="map">The bytes: length of the trie (little-endian, 4 bytes), the trie's units, the replacements.</param>
    /// <param name="source">File and part of it, for messages.</param>
    /// <exception cref="DataPrepException">The bytes are no such map.</exception>
    public CharsMap(ReadOnlySpan<byte> map, string source)
    {
        Bytes = map.ToArray();
        if (map.Length is < 8 or > MostBytes)
        {
            throw new DataPrepException($"{source} has {map.Length} bytes. Expected between 8 and {MostBytes}: a length, a trie and the replacements.");
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (size % 4 != 0 || size < 4 || size > map.Length - 4)
        {
            throw new DataPrepException($"{source} says that its trie has {size} bytes, and {map.Length - 4} follow. Expected a multiple of 4 no larger than what follows.");
        }

        units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        }

        replacements = map[(4 + (int)size)..].ToArray();
        if (!System.Text.Unicode.Utf8.IsValid(replacements))
        {
            throw new DataPrepException($"{source} has replacements that are no UTF-8. Expected UTF-8 strings that each end in a zero byte.");
        }

        Check(source);
    }

    /// <summary>The bytes it was read from.</summary>
    public byte[] Bytes { get; }

    /// <summary>The replacement of the shortest key that a text starts with. A key of one character is matched by that character; see <see cref="CharsMapNormalizer"/> for the rest.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">The replacement, UTF-8; may be empty.</param>
    public bool TryFind(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        var unit = units[0];
        var position = Offset(unit);
        foreach (var label in text)
        {
            if (label == 0)
            {
                break;
            }

            position ^= label;
            unit = units[position];
            if (Label(unit) != label)
            {
                break;
            }

            position ^= Offset(unit);
            if (HasLeaf(unit))
            {
                replacement = ReplacementAt((int)(units[position] & 0x7FFFFFFF));
                return true;
            }
        }

        replacement = default;
        return false;
    }

    ReadOnlySpan<byte> ReplacementAt(int start)
    {
        var rest = replacements.AsSpan(start);
        var length = rest.IndexOf((byte)0);
        return length < 0 ? rest : rest[..length];
    }

    // Depth first over the units that keys reach; a unit on the path to itself would spell keys without end.
    void Check(string source)
    {
        var state = new byte[units.Length];
        var path = new Stack<(uint Unit, uint Children, int Next)>();
        Open(0, 0);
        while (path.TryPop(out var top))
        {
            var label = top.Next;
            for (; label < 256 && !IsChild(top.Children ^ (uint)label, label); label++)
            {
            }

            if (label == 256)
            {
                state[top.Unit] = 2;
                continue;
            }

            path.Push((top.Unit, top.Children, label + 1));
            var child = top.Children ^ (uint)label;
            if (state[child] == 1)
            {
                throw new DataPrepException($"{source} is no trie: unit {child} leads to itself. Expected units without cycles.");
            }

            if (state[child] == 0)
            {
                Open(child, child);
            }
        }

        bool IsChild(uint position, int label) => Label(units[position]) == label;

        void Open(uint unit, uint from)
        {
            state[unit] = 1;
            var children = from ^ Offset(units[unit]);

            // Labels flip the low eight bits, so the block of 256 that holds the children must be there as a whole.
            if ((children | 0xFF) >= units.Length)
            {
                throw new DataPrepException($"{source}: unit {unit} of the trie points at unit {children}, and there are {units.Length}. Expected offsets within the trie.");
            }

            if (HasLeaf(units[unit]))
            {
                CheckReplacement((int)(units[children] & 0x7FFFFFFF), unit, source);
            }

            path.Push((unit, children, 1));
        }
    }

    void CheckReplacement(int start, uint unit, string source)
    {
        if (start >= replacements.Length || (replacements[start] & 0xC0) == 0x80)
        {
            throw new DataPrepException(
                $"{source}: unit {unit} of the trie has the replacement at byte {start} of {replacements.Length}. Expected the start of a character within the replacements.");
        }

        var window = replacements.AsSpan(start, Math.Min(replacements.Length - start, LongestReplacement + 1));
        if (window.Length > LongestReplacement && !window.Contains((byte)0))
        {
            throw new DataPrepException($"{source}: the replacement at byte {start} is longer than {LongestReplacement} bytes. Expected a short string that ends in a zero byte.");
        }
    }

    static bool HasLeaf(uint unit) => (unit & 0x100) != 0;

    static uint Label(uint unit) => unit & 0x800000FF;

    static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
