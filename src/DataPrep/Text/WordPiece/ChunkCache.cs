using System.Runtime.InteropServices;

namespace DataPrep.Text.WordPiece;

/// <summary>Ids of the chunks seen so far. One per thread.</summary>
sealed class ChunkCache(WordPieceSettings settings, WordPieceVocabulary vocabulary)
{
    // Longer chunks seldom come back; more of them than this and memory would follow the corpus.
    const int LongestKept = 48, MostKept = 1 << 18;

    readonly SpanTable chunks = new();
    readonly List<int> starts = [0];
    readonly List<int> arena = [];
    readonly List<int> scratch = [];

    public WordPieceWords Words { get; } = new(settings);

    /// <summary>Ids of a chunk; valid until the next call.</summary>
    public ReadOnlySpan<int> IdsOf(ReadOnlySpan<char> chunk, uint hash)
    {
        var number = chunks.Find(chunk, hash);
        if (number >= 0)
        {
            var bounds = CollectionsMarshal.AsSpan(starts);
            return CollectionsMarshal.AsSpan(arena)[bounds[number]..bounds[number + 1]];
        }

        scratch.Clear();
        var words = Words.Normalize(chunk);
        foreach (var range in words.Split(' '))
        {
            var word = words[range];
            if (word.Length > 0)
            {
                vocabulary.AppendIds(word, scratch);
            }
        }

        if (chunk.Length <= LongestKept)
        {
            Keep(chunk, hash);
        }

        return CollectionsMarshal.AsSpan(scratch);
    }

    void Keep(ReadOnlySpan<char> chunk, uint hash)
    {
        if (chunks.Count == MostKept)
        {
            chunks.Clear();
            arena.Clear();
            starts.RemoveRange(1, starts.Count - 1);
        }

        chunks.Add(chunk, hash);
        arena.AddRange(scratch);
        starts.Add(arena.Count);
    }
}
