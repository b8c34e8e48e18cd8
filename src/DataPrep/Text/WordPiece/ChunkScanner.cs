using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// Finds the chunks of a text, a window at a time, and narrows its characters to bytes on the way. A chunk ends at ASCII white space, at punctuation and at ideographs, none of which
/// normalization carries anything across, so the words of a chunk depend on the chunk alone and can be remembered. One per thread.
/// </summary>
sealed class ChunkScanner
{
    // A multiple of a block, which is as many characters as a mask has bits.
    const int Window = 2048, Block = 64;
    const byte Member = 1, Single = 2;

    // Two blocks of characters that are all of one class, the usual ones of Chinese and Korean text.
    const ushort FirstIdeograph = 0x4E00, LastIdeograph = 0x9FFF, FirstSyllable = 0xAC00, LastSyllable = 0xD7A3;

    readonly byte[] classes = new byte[0x10000];
    readonly byte[] narrowed = new byte[Window + Block];
    readonly int[] starts = new int[Window + Block];
    readonly int[] ends = new int[Window + Block];
    readonly uint ideographMembers;
    readonly Vector128<byte> members;
    readonly Vector128<byte> singles;

    public ChunkScanner(WordPieceSettings settings)
    {
        for (var c = 0; c < classes.Length; c++)
        {
            classes[c] = BertCharacters.Of(c) switch
            {
                BertCharacter.Space => 0,
                BertCharacter.RemovedSpace when !settings.CleanText => 0,
                BertCharacter.Punctuation => Single,
                BertCharacter.Ideograph when settings.HandleChineseChars => Single,
                _ => Member,
            };
        }

        ideographMembers = settings.HandleChineseChars ? 0 : uint.MaxValue;
        members = Nibbles(Member);
        singles = Nibbles(Single);
    }

    /// <summary>Starts of the chunks of the last window.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>Ends of the chunks of the last window.</summary>
    public ReadOnlySpan<int> Ends => ends;

    /// <summary>Characters of the last window as bytes, those that are not ASCII as bytes from 128 on; 16 of them are readable wherever a chunk starts.</summary>
    public ref byte Narrowed => ref MemoryMarshal.GetArrayDataReference(narrowed);

    /// <summary>Finds the chunks at the start of a text.</summary>
    /// <param name="text">The rest of the text.</param>
    /// <param name="scanned">Characters up to which they go: there the next window starts.</param>
    /// <returns>Number of chunks in <see cref="Starts"/> and <see cref="Ends"/>.</returns>
    public int Scan(ReadOnlySpan<char> text, out int scanned)
    {
        scanned = Math.Min(text.Length, Window);
        var (startCount, endCount) = (0, 0);
        var (memberBefore, singleBefore) = (0UL, 0UL);
        for (var block = 0; block < scanned; block += Block)
        {
            Masks(text[block..scanned], ref narrowed[block], out var member, out var single);
            var memberAfter = (member << 1) | memberBefore;
            var singleAfter = (single << 1) | singleBefore;
            startCount = Flatten((member & ~memberAfter) | single, block, starts, startCount);
            endCount = Flatten((memberAfter & ~member) | singleAfter, block, ends, endCount);
            (memberBefore, singleBefore) = (member >> 63, single >> 63);
        }

        if (endCount < startCount)
        {
            ends[endCount] = scanned;
            if (scanned < text.Length && classes[text[scanned - 1]] == Member)
            {
                scanned = CutOrEnd(text, scanned, ref startCount);
            }
        }

        return startCount;
    }

    // The last chunk goes on beyond the window: it is left to the next one, or followed to its end where it fills this one.
    int CutOrEnd(ReadOnlySpan<char> text, int scanned, ref int count)
    {
        var start = starts[count - 1];
        if (start > 0)
        {
            count--;
            return start;
        }

        while (scanned < text.Length && classes[text[scanned]] == Member)
        {
            scanned++;
        }

        ends[count - 1] = scanned;
        return scanned;
    }

    void Masks(ReadOnlySpan<char> text, ref byte output, out ulong member, out ulong single)
    {
        (member, single) = (0, 0);
        if (text.Length < Block)
        {
            for (var i = 0; i < text.Length; i++)
            {
                Classify(text[i], i, ref output, ref member, ref single);
            }

            return;
        }

        ref var input = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        for (var i = 0; i < Block; i += 16)
        {
            var low = Vector128.LoadUnsafe(ref input, (nuint)i);
            var high = Vector128.LoadUnsafe(ref input, (nuint)i + 8);
            var characters = Vector128.NarrowWithSaturation(low, high);
            characters.StoreUnsafe(ref output, (nuint)i);
            var column = characters & Vector128.Create((byte)0x0F);
            var row = Vector128.ShuffleNative(Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0), (characters.AsUInt16() >> 4).AsByte() & Vector128.Create((byte)0x0F));
            member |= Matches(members, column, row) << i;
            single |= Matches(singles, column, row) << i;
            var others = characters.ExtractMostSignificantBits();
            if (others != 0)
            {
                var ideographs = InRange(low, high, FirstIdeograph, LastIdeograph);
                var syllables = InRange(low, high, FirstSyllable, LastSyllable);
                member |= (ulong)(syllables | (ideographs & ideographMembers)) << i;
                single |= (ulong)(ideographs & ~ideographMembers) << i;
                for (others &= ~(ideographs | syllables); others != 0; others &= others - 1)
                {
                    var j = i + BitOperations.TrailingZeroCount(others);
                    Classify(text[j], j, ref output, ref member, ref single);
                }
            }
        }
    }

    static uint InRange(Vector128<ushort> low, Vector128<ushort> high, ushort first, ushort last)
    {
        var (from, count) = (Vector128.Create(first), Vector128.Create((ushort)(last - first + 1)));
        return Vector128.Narrow(Vector128.LessThan(low - from, count), Vector128.LessThan(high - from, count)).ExtractMostSignificantBits();
    }

    void Classify(char c, int i, ref byte output, ref ulong member, ref ulong single)
    {
        Unsafe.Add(ref output, i) = (byte)Math.Min(c, (char)0xFF);
        var kind = (ulong)classes[c];
        member |= (kind & 1) << i;
        single |= (kind >> 1) << i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Matches(Vector128<byte> nibbles, Vector128<byte> column, Vector128<byte> row) =>
        (ushort)~Vector128.Equals(Vector128.ShuffleNative(nibbles, column) & row, Vector128<byte>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Flatten(ulong bits, int block, int[] positions, int count)
    {
        ref var output = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(positions), count);
        for (; bits != 0; bits &= bits - 1)
        {
            output = block + BitOperations.TrailingZeroCount(bits);
            output = ref Unsafe.Add(ref output, 1);
            count++;
        }

        return count;
    }

    // Bit r of byte c is set where the character of column c and row r of the ASCII table has the class.
    Vector128<byte> Nibbles(byte kind)
    {
        var nibbles = new byte[16];
        for (var c = 0; c < 0x80; c++)
        {
            if (classes[c] == kind)
            {
                nibbles[c & 15] |= (byte)(1 << (c >> 4));
            }
        }

        return Vector128.Create(nibbles);
    }
}
