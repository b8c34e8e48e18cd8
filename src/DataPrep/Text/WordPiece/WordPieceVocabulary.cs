namespace DataPrep.Text.WordPiece;

/// <summary>The pieces of a model and greedy longest-match-first search in them. Immutable, thread-safe.</summary>
sealed class WordPieceVocabulary
{
    readonly SpanTable first = new();
    readonly SpanTable rest = new();
    readonly List<int> firstIds = [];
    readonly List<int> restIds = [];
    readonly int longest;
    readonly int maxWordLength;

    /// <param name="pieces">Piece by id; a null has no piece.</param>
    /// <param name="continuation">Prefix of the pieces that go on a word: "##".</param>
    /// <param name="unknown">The piece of an unknown word.</param>
    /// <param name="maxWordLength">Code points of the longest word that is searched.</param>
    public WordPieceVocabulary(IReadOnlyList<string?> pieces, string continuation, string unknown, int maxWordLength)
    {
        Pieces = pieces;
        this.maxWordLength = maxWordLength;
        UnknownId = IdOf(unknown);
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id] is not { } piece)
            {
                continue;
            }

            // HF looks the prefixed spelling up, so a continuation piece also matches a word that is spelled like it.
            Add(first, firstIds, piece, id);
            if (piece.StartsWith(continuation, StringComparison.Ordinal))
            {
                Add(rest, restIds, piece.AsSpan(continuation.Length), id);
            }

            longest = Math.Max(longest, piece.Length);
        }
    }

    public IReadOnlyList<string?> Pieces { get; }

    public int UnknownId { get; }

    /// <summary>Id of a piece, or -1.</summary>
    public int IdOf(string piece)
    {
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (Pieces[id] == piece)
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>Appends the ids of a normalized word, or the unknown id where it is too long or some part has no piece.</summary>
    public void AppendIds(ReadOnlySpan<char> word, List<int> ids)
    {
        var start = ids.Count;
        if (word.Length > maxWordLength && CodePoints(word) > maxWordLength)
        {
            ids.Add(UnknownId);
            return;
        }

        Span<uint> hashes = stackalloc uint[Math.Min(longest, 128) + 1];
        for (var i = 0; i < word.Length;)
        {
            var id = Longest(word[i..], i == 0 ? first : rest, hashes, out var length);
            if (id < 0)
            {
                ids.RemoveRange(start, ids.Count - start);
                ids.Add(UnknownId);
                return;
            }

            ids.Add(i == 0 ? firstIds[id] : restIds[id]);
            i += length;
        }
    }

    // hashes[n] is the hash of the first n characters: longer pieces than it has room for are hashed one by one.
    int Longest(ReadOnlySpan<char> text, SpanTable table, Span<uint> hashes, out int length)
    {
        length = Math.Min(longest, text.Length);
        for (; length >= hashes.Length; length--)
        {
            var found = table.Find(text[..length]);
            if (found >= 0)
            {
                return found;
            }
        }

        hashes[0] = SpanTable.Begin;
        for (var i = 0; i < length; i++)
        {
            hashes[i + 1] = SpanTable.Step(hashes[i], text[i]);
        }

        for (; length > 0; length--)
        {
            var found = table.Find(text[..length], hashes[length]);
            if (found >= 0)
            {
                return found;
            }
        }

        return -1;
    }

    static void Add(SpanTable table, List<int> ids, ReadOnlySpan<char> text, int id)
    {
        var hash = SpanTable.Hash(text);
        if (table.Find(text, hash) < 0)
        {
            table.Add(text, hash);
            ids.Add(id);
        }
    }

    static int CodePoints(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var c in word)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count;
    }
}
