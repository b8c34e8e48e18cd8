using Trainer.Encoders;

namespace Trainer.Training.Distributed;

/// <summary>Where the texts of a batch stand once the ranks' shares are put end to end, rank by rank.</summary>
sealed class TextOrder
{
    readonly int[] _place;
    readonly int[] _rank;

    public TextOrder(BatchShare share, TextRole side, int worldSize)
    {
        var places = Enumerable.Range(0, worldSize).Select(r => share.Places(r, side)).ToArray();
        _place = [.. places.SelectMany(p => p)];
        _rank = [.. places.SelectMany((p, r) => Enumerable.Repeat(r, p.Count))];
        Rank = share.Rank;
    }

    int Rank { get; }

    /// <summary>One row per text.</summary>
    public Entries Ones() => Of([.. Enumerable.Repeat(1L, _place.Length)], Rank);

    /// <summary>Several rows per text.</summary>
    /// <param name="lengths">Rows of each text, end to end, rank by rank.</param>
    /// <param name="rank">Whose own rows are asked for.</param>
    public Entries Of(long[] lengths, int rank)
    {
        // Text t of the batch is arrived[t] of those end to end.
        var arrived = new int[_place.Length];
        var start = new long[_place.Length];
        for (var i = 0; i < _place.Length; i++)
        {
            arrived[_place[i]] = i;
            start[i] = i == 0 ? 0 : start[i - 1] + lengths[i - 1];
        }

        var (source, offsets) = (new List<long>(), new long[_place.Length]);
        for (var t = 0; t < _place.Length; t++)
        {
            offsets[t] = source.Count;
            for (var n = 0L; n < lengths[arrived[t]]; n++)
            {
                source.Add(start[arrived[t]] + n);
            }
        }

        var own = new List<long>();
        for (var i = 0; i < _place.Length; i++)
        {
            for (var n = 0L; _rank[i] == rank && n < lengths[i]; n++)
            {
                own.Add(offsets[_place[i]] + n);
            }
        }

        return new Entries([.. source], offsets, [.. own]);
    }

    /// <summary>Rows of all texts.</summary>
    /// <param name="Source">For each row in the order of the batch, where it stands end to end.</param>
    /// <param name="Offsets">Where each text starts in the order of the batch.</param>
    /// <param name="Own">Places, in the order of the batch, of the rank's rows in the order that it has them.</param>
    public sealed record Entries(long[] Source, long[] Offsets, long[] Own)
    {
        /// <summary>Whether the texts came in the order of the batch.</summary>
        public bool InOrder { get; } = Source.Select((s, i) => s == i).All(same => same);
    }
}
