using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>Text between added tokens to ids: it is normalized and marked, and segments that were seen before are copied from a cache, the others searched. One per thread.</summary>
sealed class UnigramEncoder(UnigramModel model, UnigramVocabulary vocabulary)
{
    const int Ahead = 32;

    // Set in the tag of a key whose text has a mark before it.
    const uint Marked = 128;

    readonly MarkScanner scanner = new(model.Mark);
    readonly IdCache cache = new();
    readonly UnigramLattice lattice = new();
    readonly NormalizedText normalized = new(model.Normalizers);

    /// <summary>Ids of the text that is being encoded.</summary>
    public IdBuffer Ids { get; } = new();

    /// <summary>Stops at the segment that reaches a limit, instead of somewhere beyond it. Default false.</summary>
    public bool StopsAtLimit { get; set; }

    /// <summary>A copy for a part of <see cref="Normalize"/>'s text that is to be marked while the rest is still read.</summary>
    public CharBuffer Part { get; } = new();

    /// <summary>Normalized text, valid until the next call.</summary>
    public CharBuffer Normalize(ReadOnlySpan<char> text) => normalized.Of(text);

    /// <summary>Appends the ids of normalized text, marking it in its place; goes on a little beyond the limit.</summary>
    /// <param name="buffer">The text.</param>
    /// <param name="first">Whether the whole text starts here.</param>
    /// <param name="limit">Ids that are enough.</param>
    public void AppendMarked(CharBuffer buffer, bool first, int limit)
    {
        if (!model.WhitespaceSplit)
        {
            AppendWord(buffer.WithHead, first, limit);
            return;
        }

        // The white space before a word, which is dropped, is the place of its mark.
        var text = buffer.WithHead;
        for (var start = 1; start < text.Length && Ids.Count < limit;)
        {
            var end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            AppendWord(text[(start - 1)..end], first && start == 1, limit);
            start = end + 1;
        }
    }

    // The first character is free.
    void AppendWord(Span<char> text, bool first, int limit)
    {
        if (text.Length < 2)
        {
            return;
        }

        var mark = model.Mark;
        text[1..].Replace(' ', mark);
        var bare = text[1] != mark && (model.Prepend == PrependScheme.Always || (model.Prepend == PrependScheme.First && first));
        text[0] = mark;
        var rest = (ReadOnlySpan<char>)(bare ? text : text[1..]);
        if (!model.SplitAtMarks)
        {
            vocabulary.AppendIds(rest, lattice, Ids);
            return;
        }

        while (!rest.IsEmpty && Ids.Count < limit)
        {
            var count = scanner.Scan(rest, out var scanned);
            if (StopsAtLimit)
            {
                for (var i = 0; i < count && Ids.Count < limit; i++)
                {
                    AppendUnkeyed(rest[scanner.Bounds[i]..scanner.Bounds[i + 1]]);
                }
            }
            else
            {
                AppendSegments(rest, count);
            }

            rest = rest[scanned..];
        }
    }

    // Keys are made some segments ahead of the look-up, so that it finds its entry fetched.
    [SkipLocalsInit]
    void AppendSegments(ReadOnlySpan<char> text, int count)
    {
        Span<IdKey> keys = stackalloc IdKey[Ahead];
        for (var done = 0; done < count;)
        {
            var keyed = MakeKeys(text, scanner.Bounds[done..(Math.Min(count, done + Ahead) + 1)], keys);
            for (var i = 0; i < keyed; i++)
            {
                i = cache.AppendKnown(keys[..keyed], i, Ids);
                if (i < keyed && !cache.TryAppend(keys[i], Ids))
                {
                    cache.Keep(keys[i], Search(text[scanner.Bounds[done + i]..scanner.Bounds[done + i + 1]]));
                }
            }

            done += keyed;
            if (keyed < Ahead && done < count)
            {
                AppendUnkeyed(text[scanner.Bounds[done]..scanner.Bounds[done + 1]]);
                done++;
            }
        }
    }

    // Number of segments that have a key, up to the first that has none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int MakeKeys(ReadOnlySpan<char> text, ReadOnlySpan<int> bounds, Span<IdKey> keys)
    {
        ref var narrowed = ref scanner.Narrowed;
        for (var i = 0; i + 1 < bounds.Length && i < keys.Length; i++)
        {
            var start = bounds[i];
            var length = bounds[i + 1] - start;
            if (text[start] != model.Mark || length > IdKey.LongestAscii + 1 || !IdKey.TryNarrowed(ref Unsafe.Add(ref narrowed, start + 1), length - 1, Marked, out keys[i]))
            {
                if (length <= IdKey.LongestWide && start + IdKey.LongestWide <= text.Length)
                {
                    keys[i] = IdKey.Unnarrowed(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start), length);
                }
                else if (!IdKey.TryOf(text.Slice(start, length), out keys[i]))
                {
                    return i;
                }
            }

            cache.Prefetch(keys[i]);
        }

        return bounds.Length - 1;
    }

    void AppendUnkeyed(ReadOnlySpan<char> segment)
    {
        var hash = SpanTable.Hash(segment);
        if (!cache.TryAppend(segment, hash, Ids))
        {
            cache.Keep(segment, hash, Search(segment));
        }
    }

    ReadOnlySpan<int> Search(ReadOnlySpan<char> segment)
    {
        var from = Ids.Count;
        vocabulary.AppendIds(segment, lattice, Ids);
        return Ids.Ids[from..];
    }
}
