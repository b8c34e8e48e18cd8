namespace DataPrep.Text;

/// <summary>Counts pieces of text; a piece is copied when it is met first. Not thread-safe.</summary>
sealed class SpanCounts
{
    readonly SpanTable pieces = new();
    readonly List<long> counts = [];

    /// <summary>Number of distinct pieces.</summary>
    public int Count => counts.Count;

    /// <summary>A piece by its number, in the order of first occurrence, and how often it was met.</summary>
    public (string Piece, long Count) this[int number] => (new string(pieces[number]), counts[number]);

    /// <summary>Counts a piece once more.</summary>
    public void Add(ReadOnlySpan<char> piece)
    {
        var number = pieces.GetOrAdd(piece);
        if (number == counts.Count)
        {
            counts.Add(0);
        }

        counts[number]++;
    }

    /// <summary>Adds every count to a table.</summary>
    public void MergeInto(Dictionary<string, long> merged)
    {
        for (var number = 0; number < Count; number++)
        {
            var (piece, count) = this[number];
            merged[piece] = merged.GetValueOrDefault(piece) + count;
        }
    }
}
