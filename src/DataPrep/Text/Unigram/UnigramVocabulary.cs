using System.Text;

namespace DataPrep.Text.Unigram;

/// <summary>The pieces of a model and the search for the best way to spell a text in them (Viterbi; Kudo 2018). Immutable, thread-safe.</summary>
sealed class UnigramVocabulary
{
    // Added to the worst score for a character that no piece covers, as in SentencePiece.
    const double UnknownPenalty = 10;

    readonly PieceTrie trie = new();
    readonly double[] scores;
    readonly double unknownScore;
    readonly int unknownId;
    readonly int[]? byteIds;

    public UnigramVocabulary(IReadOnlyList<UnigramPiece> pieces, int unknownId, bool byteFallback)
    {
        this.unknownId = unknownId;
        scores = new double[pieces.Count];
        for (var id = 0; id < pieces.Count; id++)
        {
            scores[id] = pieces[id].Score;
            if (pieces[id].Text.Length > 0)
            {
                trie.Add(pieces[id].Text, id);
            }
        }

        unknownScore = scores.Min() - UnknownPenalty;
        byteIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(value => IdOf($"<0x{value:X2}>"))] : null;
    }

    /// <summary>Id of a piece, or -1.</summary>
    public int IdOf(string piece) => trie.Find(piece);

    /// <summary>Appends the ids of the best spelling.</summary>
    /// <param name="text">Normalized text without lone surrogates.</param>
    /// <param name="lattice">Scratch of this thread.</param>
    /// <param name="ids">Takes the ids.</param>
    public void AppendIds(ReadOnlySpan<char> text, UnigramLattice lattice, IdBuffer ids)
    {
        var places = lattice.Start(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            var (covered, before) = (false, places[i].Score);
            var node = trie.Root(text[i], out var id);
            for (var end = i + 1; node != PieceTrie.None;)
            {
                if (id >= 0)
                {
                    places[end].Offer(before + scores[id], i, id);
                    covered |= end - i == length;
                }

                if (end == text.Length)
                {
                    break;
                }

                node = trie.Step(node, text[end++], out id);
            }

            if (!covered)
            {
                places[i + length].Offer(before + unknownScore, i, unknownId);
            }

            i += length;
        }

        Backtrack(text, places, ids);
    }

    // Unknown characters in a row are one unknown token; the ids come last first.
    void Backtrack(ReadOnlySpan<char> text, ReadOnlySpan<UnigramLattice.Node> places, IdBuffer ids)
    {
        var first = ids.Count;
        for (var end = text.Length; end > 0;)
        {
            var (start, id) = (places[end].Start, places[end].Id);
            if (id == unknownId)
            {
                while (start > 0 && places[start].Id == unknownId)
                {
                    start = places[start].Start;
                }

                AppendUnknown(text[start..end], ids);
            }
            else
            {
                ids.Add(id);
            }

            end = start;
        }

        ids.Reverse(first);
    }

    void AppendUnknown(ReadOnlySpan<char> text, IdBuffer ids)
    {
        var id = trie.Find(text);
        if (id < 0 && byteIds is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToArray());
            if (Array.TrueForAll(bytes, value => byteIds[value] >= 0))
            {
                for (var i = bytes.Length - 1; i >= 0; i--)
                {
                    ids.Add(byteIds[bytes[i]]);
                }

                return;
            }
        }

        ids.Add(id < 0 ? unknownId : id);
    }
}
