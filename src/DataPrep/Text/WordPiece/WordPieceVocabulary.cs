namespace DataPrep.Text.WordPiece;

/// <summary>The pieces of a model and greedy longest-match-first search in them. Immutable, thread-safe.</summary>
sealed class WordPieceVocabulary
{
    readonly PieceTrie first = new();
    readonly PieceTrie rest = new();
    readonly int maxWordLength;

    /// <param name="pieces">Piece by id; a null has no piece.</param>
    /// <param name="continuation">Prefix of the pieces that go on a word: "##".</param>
    /// <param name="unknown">The piece of an unknown word.</param>
    /// <param name="maxWordLength">Code points of the longest word that is searched.</param>
    public WordPieceVocabulary(IReadOnlyList<string?> pieces, string continuation, string unknown, int maxWordLength)
    {
        this.maxWordLength = maxWordLength;
        for (var id = pieces.Count - 1; id >= 0; id--)
        {
            if (pieces[id] is not { Length: > 0 } piece)
            {
                continue;
            }

            // HF looks the prefixed spelling up, so a continuation piece also matches a word that is spelled like it.
            first.Add(piece, id);
            if (piece.Length > continuation.Length && piece.StartsWith(continuation, StringComparison.Ordinal))
            {
                rest.Add(piece.AsSpan(continuation.Length), id);
            }
        }

        UnknownId = IdOf(unknown);
    }

    public int UnknownId { get; }

    /// <summary>Id of a piece, or -1.</summary>
    public int IdOf(string piece) => first.Find(piece);

    /// <summary>Appends the ids of a normalized word, or the unknown id where it is too long or some part has no piece.</summary>
    public void AppendIds(ReadOnlySpan<char> word, IdBuffer ids)
    {
        var start = ids.Count;
        if (word.Length > maxWordLength && CodePoints(word) > maxWordLength)
        {
            ids.Add(UnknownId);
            return;
        }

        for (var trie = first; !word.IsEmpty; trie = rest)
        {
            var id = trie.Longest(word, out var length);
            if (id < 0)
            {
                ids.Count = start;
                ids.Add(UnknownId);
                return;
            }

            ids.Add(id);
            word = word[length..];
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
