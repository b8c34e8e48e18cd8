using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataPrep.Text.WordPiece;

/// <summary>Text between added tokens to ids: chunks that were seen before are copied from a cache, the others are normalized and searched. One per thread.</summary>
sealed class WordPieceEncoder(WordPieceSettings settings, WordPieceVocabulary vocabulary)
{
    const int Ahead = 32;

    readonly ChunkScanner scanner = new(settings);
    readonly WordPieceWords words = new(settings);
    readonly IdCache cache = new();

    /// <summary>Ids of the text that is being encoded.</summary>
    public IdBuffer Ids { get; } = new();

    /// <summary>Stops at the chunk that reaches a limit, instead of somewhere beyond it. Default false.</summary>
    public bool StopsAtLimit { get; set; }

    /// <summary>Appends the ids of a text; goes on a little beyond the limit.</summary>
    public void Append(ReadOnlySpan<char> text, int limit)
    {
        while (!text.IsEmpty && Ids.Count < limit)
        {
            var count = scanner.Scan(text, out var scanned);
            for (var next = 0; next < count && (!StopsAtLimit || Ids.Count < limit);)
            {
                next = StopsAtLimit ? next : AppendKeyed(text, next, count);
                if (next < count)
                {
                    AppendUnkeyed(text[scanner.Starts[next]..scanner.Ends[next]]);
                    next++;
                }
            }

            text = text[scanned..];
        }
    }

    // The ids of the chunks up to the first that is too long for a key; returns its number. Keys are made some chunks ahead of the look-up, so that it finds its entry fetched.
    [SkipLocalsInit]
    int AppendKeyed(ReadOnlySpan<char> text, int next, int count)
    {
        Span<IdKey> keys = stackalloc IdKey[Ahead];
        while (next < count)
        {
            var keyed = MakeKeys(text, next, Math.Min(count, next + Ahead), keys);
            for (var i = 0; i < keyed; i++)
            {
                i = cache.AppendKnown(keys[..keyed], i, Ids);
                if (i < keyed)
                {
                    AppendChunk(text[scanner.Starts[next + i]..scanner.Ends[next + i]], keys[i]);
                }
            }

            next += keyed;
            if (keyed < Ahead)
            {
                break;
            }
        }

        return next;
    }

    // Number of chunks that have a key, up to the first that has none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int MakeKeys(ReadOnlySpan<char> text, int from, int to, Span<IdKey> keys)
    {
        var starts = scanner.Starts[from..to];
        var ends = scanner.Ends[from..to];
        ref var narrowed = ref scanner.Narrowed;
        for (var i = 0; i < starts.Length && i < ends.Length && i < keys.Length; i++)
        {
            var start = starts[i];
            var length = ends[i] - start;
            if (length > IdKey.LongestAscii)
            {
                return i;
            }

            if (!IdKey.TryNarrowed(ref Unsafe.Add(ref narrowed, start), length, 0, out keys[i]))
            {
                if (length > IdKey.LongestWide || start + IdKey.LongestWide > text.Length)
                {
                    return i;
                }

                keys[i] = IdKey.Unnarrowed(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start), length);
            }

            cache.Prefetch(keys[i]);
        }

        return starts.Length;
    }

    void AppendChunk(ReadOnlySpan<char> chunk, in IdKey key)
    {
        if (!cache.TryAppend(key, Ids))
        {
            cache.Keep(key, Search(chunk));
        }
    }

    void AppendUnkeyed(ReadOnlySpan<char> chunk)
    {
        // Near the end of a text a short chunk may have no key either.
        if (IdKey.TryOf(chunk, out var key))
        {
            AppendChunk(chunk, key);
            return;
        }

        var hash = SpanTable.Hash(chunk);
        if (!cache.TryAppend(chunk, hash, Ids))
        {
            cache.Keep(chunk, hash, Search(chunk));
        }
    }

    ReadOnlySpan<int> Search(ReadOnlySpan<char> chunk)
    {
        var from = Ids.Count;
        var normalized = words.Normalize(chunk);
        while (!normalized.IsEmpty)
        {
            var space = normalized.IndexOf(' ');
            var word = space < 0 ? normalized : normalized[..space];
            if (!word.IsEmpty)
            {
                vocabulary.AppendIds(word, Ids);
            }

            normalized = normalized[Math.Min(normalized.Length, word.Length + 1)..];
        }

        return Ids.Ids[from..];
    }
}
