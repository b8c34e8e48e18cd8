using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPrep.Text;

/// <summary>A short text in 16 bytes: up to 16 ASCII characters, or up to 8 of UTF-16, zeros behind them. The tag holds the length and which of the two it is.</summary>
[StructLayout(LayoutKind.Auto)]
readonly struct IdKey(Vector128<byte> characters, uint tag)
{
    /// <summary>Most characters of a key that is all ASCII.</summary>
    public const int LongestAscii = 16;

    /// <summary>Most characters of any other.</summary>
    public const int LongestWide = 8;

    const uint Wide = 64;

    // 16 bytes set and 16 cleared: those from 16 - n on keep n bytes.
    static ReadOnlySpan<byte> Keep => [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public Vector128<byte> Characters { get; } = characters;

    /// <summary>Never 0; its bits from 7 up are clear and free for the caller.</summary>
    public uint Tag { get; } = tag;

    /// <summary>Hash of the characters.</summary>
    public ulong Hash { get; } = HashOf(characters.AsUInt64());

    /// <summary>Key of up to <see cref="LongestAscii"/> characters that stand narrowed in 16 readable bytes; false where one of them is not ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryNarrowed(ref byte narrowed, int length, uint mark, out IdKey key)
    {
        var characters = Vector128.LoadUnsafe(ref narrowed) & Kept(length);
        key = new IdKey(characters, (uint)length | mark);
        return characters.ExtractMostSignificantBits() == 0;
    }

    /// <summary>Key of up to <see cref="LongestWide"/> characters with 8 of them readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IdKey Unnarrowed(ref char text, int length) =>
        new(Vector128.LoadUnsafe(ref Unsafe.As<char, byte>(ref text)) & Kept(2 * length), (uint)length | Wide);

    /// <summary>Key of a text, or false where it is too long for one.</summary>
    public static bool TryOf(ReadOnlySpan<char> text, out IdKey key)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (text.Length <= LongestAscii && System.Text.Ascii.FromUtf16(text, bytes, out _) == System.Buffers.OperationStatus.Done)
        {
            key = new IdKey(Vector128.Create<byte>(bytes), (uint)text.Length);
            return !text.IsEmpty;
        }

        if (text.Length <= LongestWide)
        {
            bytes.Clear();
            MemoryMarshal.AsBytes(text).CopyTo(bytes);
            key = new IdKey(Vector128.Create<byte>(bytes), (uint)text.Length | Wide);
            return true;
        }

        key = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong HashOf(Vector128<ulong> halves)
    {
        var high = Math.BigMul(halves[0] ^ 0x9E3779B97F4A7C15, halves[1] ^ 0xE7037ED1A0B428DB, out var low);

        // A half that is its constant makes the product 0: the sum keeps such keys apart.
        return high ^ low ^ ((halves[0] + BitOperations.RotateLeft(halves[1], 32)) * 0xA0761D6478BD642F);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Kept(int length) => Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Keep), (nuint)(LongestAscii - length));
}
