using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>Ids of the segments seen so far, and the scratch of one thread.</summary>
sealed class SegmentCache(UnigramModel model, UnigramVocabulary vocabulary)
{
    // Longer segments seldom come back; more of them than this and memory would follow the corpus.
    const int LongestKept = 48, MostKept = 1 << 18;

    readonly SpanTable segments = new();
    readonly List<int> starts = [0];
    readonly List<int> arena = [];
    readonly List<int> scratch = [];
    readonly UnigramLattice lattice = new();
    CharBuffer current = new();
    CharBuffer next = new();

    /// <summary>A copy for a part of <see cref="Normalize"/>'s text that is to be marked while the rest is still read.</summary>
    public CharBuffer Part { get; } = new();

    /// <summary>Normalized text, valid until the next call.</summary>
    public CharBuffer Normalize(ReadOnlySpan<char> text)
    {
        current.Clear();
        current.Add(text);
        foreach (var normalizer in model.Normalizers)
        {
            next.Clear();
            if (normalizer.Apply(current.Text, next))
            {
                (current, next) = (next, current);
            }
        }

        return current;
    }

    /// <summary>Ids of a segment; valid until the next call.</summary>
    public ReadOnlySpan<int> IdsOf(ReadOnlySpan<char> segment)
    {
        scratch.Clear();
        if (segment.Length > LongestKept)
        {
            vocabulary.AppendIds(segment, lattice, scratch);
            return CollectionsMarshal.AsSpan(scratch);
        }

        var hash = SpanTable.Hash(segment);
        var number = segments.Find(segment, hash);
        if (number >= 0)
        {
            var bounds = CollectionsMarshal.AsSpan(starts);
            return CollectionsMarshal.AsSpan(arena)[bounds[number]..bounds[number + 1]];
        }

        vocabulary.AppendIds(segment, lattice, scratch);
        Keep(segment, hash);
        return CollectionsMarshal.AsSpan(scratch);
    }

    void Keep(ReadOnlySpan<char> segment, uint hash)
    {
        if (segments.Count == MostKept)
        {
            segments.Clear();
            arena.Clear();
            starts.RemoveRange(1, starts.Count - 1);
        }

        segments.Add(segment, hash);
        arena.AddRange(scratch);
        starts.Add(arena.Count);
    }
}
