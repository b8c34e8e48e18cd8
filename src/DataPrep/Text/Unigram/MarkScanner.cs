using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPrep.Text.Unigram;

/// <summary>Finds the segments of a text, each of which starts at a mark, a window at a time, and narrows its characters to bytes on the way. One per thread.</summary>
sealed class MarkScanner(char mark)
{
    const int Window = 2048, Step = 16;

    readonly byte[] narrowed = new byte[Window + (2 * Step)];
    readonly int[] bounds = new int[Window + 2];

    /// <summary>Starts of the segments of the last window, and the end of the last one behind them.</summary>
    public ReadOnlySpan<int> Bounds => bounds;

    /// <summary>Characters of the last window as bytes, those that are not ASCII as bytes from 128 on; 16 of them are readable wherever a segment starts or has its second character.</summary>
    public ref byte Narrowed => ref MemoryMarshal.GetArrayDataReference(narrowed);

    /// <summary>Finds the segments at the start of a text.</summary>
    /// <param name="text">The rest of the text, not empty; its first character starts a segment, whatever it is.</param>
    /// <param name="scanned">Characters up to which they go: there the next window starts.</param>
    /// <returns>Number of segments in <see cref="Bounds"/>.</returns>
    public int Scan(ReadOnlySpan<char> text, out int scanned)
    {
        scanned = Math.Min(text.Length, Window);
        var count = 1;
        ref var input = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        var at = 0;
        for (; at + Step <= scanned; at += Step)
        {
            var low = Vector128.LoadUnsafe(ref input, (nuint)at);
            var high = Vector128.LoadUnsafe(ref input, (nuint)at + 8);
            Vector128.NarrowWithSaturation(low, high).StoreUnsafe(ref Narrowed, (nuint)at);
            var marks = Vector128.Narrow(Vector128.Equals(low, Vector128.Create((ushort)mark)), Vector128.Equals(high, Vector128.Create((ushort)mark))).ExtractMostSignificantBits();
            for (marks &= at == 0 ? ~1u : ~0u; marks != 0; marks &= marks - 1)
            {
                bounds[count++] = at + BitOperations.TrailingZeroCount(marks);
            }
        }

        for (; at < scanned; at++)
        {
            narrowed[at] = (byte)Math.Min(text[at], (char)0xFF);
            if (text[at] == mark && at > 0)
            {
                bounds[count++] = at;
            }
        }

        if (scanned < text.Length)
        {
            // The last segment may go on beyond the window: it is left to the next one, or followed to its end where it fills this one.
            if (count > 1)
            {
                return (scanned = bounds[--count]) > 0 ? count : 0;
            }

            var rest = text[scanned..].IndexOf(mark);
            scanned = rest < 0 ? text.Length : scanned + rest;
        }

        bounds[count] = scanned;
        return count;
    }
}
