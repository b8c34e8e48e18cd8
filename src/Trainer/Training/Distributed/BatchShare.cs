using Trainer.Encoders;
using Trainer.Losses;

namespace Trainer.Training.Distributed;

/// <summary>
/// What a rank embeds of a batch that all ranks know: a contiguous run of its rows, with their positives and hard negatives. Candidates keep their places in the batch, the B positives first and then the hard
/// negatives, on every rank and however many negatives a row has: only embeddings travel, and each goes back to the place that masks, own candidates and teacher scores mean.
/// </summary>
public sealed class BatchShare
{
    readonly int[][] _passages;
    readonly RowRange[] _rows;

    BatchShare(RowRange[] rows, int[][] passages, int rank, int candidates, ulong digest)
    {
        (_rows, _passages, Rank, Candidates, Digest) = (rows, passages, rank, candidates, digest);
    }

    /// <summary>Whose share it is.</summary>
    public int Rank { get; }

    /// <summary>Candidates of the batch, C.</summary>
    public int Candidates { get; }

    /// <summary>Rows of the batch, B.</summary>
    public int Count => _rows[^1].End;

    /// <summary>The rank's rows, of which it also computes the loss.</summary>
    public RowRange Rows => _rows[Rank];

    /// <summary>Places of the candidates that the rank embeds, ascending: the positives of its rows, then their hard negatives.</summary>
    public IReadOnlyList<int> Passages => _passages[Rank];

    /// <summary>Tells batches apart whose rows own other candidates: all ranks must have the same.</summary>
    internal ulong Digest { get; }

    /// <summary>Shares out a batch.</summary>
    /// <param name="context">This rank among the others.</param>
    /// <param name="rows">Rows, B.</param>
    /// <param name="candidates">Candidates, C: the B positives, then the hard negatives.</param>
    /// <param name="own">Each row's own candidates, row-major (B, G), -1 where there is none; a negative of several rows goes to the first. Null where each row has its positive alone.</param>
    /// <exception cref="TrainerException">There are fewer rows than ranks, a candidate belongs to no row, or a row's positive is not in its place.</exception>
    public static BatchShare Of(DistributedContext context, int rows, int candidates, int[]? own) => Of(context.Rank, context.WorldSize, rows, candidates, own);

    /// <summary>A rank's share of a batch.</summary>
    /// <exception cref="TrainerException">As for the other.</exception>
    public static BatchShare Of(int rank, int worldSize, int rows, int candidates, int[]? own)
    {
        own ??= [.. Enumerable.Range(0, rows)];
        var (owner, group) = (new int[candidates], own.Length / rows);
        Array.Fill(owner, -1);
        for (var row = rows - 1; row >= 0; row--)
        {
            if (own[row * group] != row)
            {
                throw new TrainerException($"The positive of row {row} is candidate {own[row * group]}; expected {row}, for candidates are the {rows} positives in the order of their rows, then the hard negatives.");
            }

            foreach (var place in own.AsSpan(row * group, group))
            {
                if (place >= candidates)
                {
                    throw new TrainerException($"Row {row} of the batch has candidate {place} of its own; the batch has {candidates}.");
                }

                if (place >= rows)
                {
                    owner[place] = row;
                }
            }

            owner[row] = row;
        }

        if (Array.FindIndex(owner, o => o < 0) is var stray && stray >= 0)
        {
            throw new TrainerException($"Candidate {stray} of the batch belongs to no row, so no process would embed it; expected every hard negative among the own candidates of a row.");
        }

        var ranges = Enumerable.Range(0, worldSize).Select(r => DistributedContext.RowsOf(rows, r, worldSize)).ToArray();
        var passages = ranges.Select(range => Enumerable.Range(0, candidates).Where(c => owner[c] >= range.Start && owner[c] < range.End).ToArray()).ToArray();
        return new BatchShare(ranges, passages, rank, candidates, own.Aggregate((ulong)candidates, (digest, place) => (digest ^ (uint)place) * 0x100000001B3));
    }

    /// <summary>Places in the batch of the texts that the rank embeds of one side, in the order that it embeds them.</summary>
    public IReadOnlyList<int> Texts(TextRole side) => Places(Rank, side);

    /// <summary>The rank's queries of a batch.</summary>
    public TokenBatch Queries(TokenBatch batch) => batch.Slice(Rows.Start, Rows.Count);

    /// <summary>The rank's candidates of a batch.</summary>
    public TokenBatch PassagesOf(TokenBatch batch)
    {
        var ids = new List<long>();
        var types = batch.Types is null ? null : new List<long>();
        var offsets = new long[Passages.Count];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = ids.Count;
            var (start, end) = ((int)batch.Offsets[Passages[i]], (int)batch.End(Passages[i]));
            ids.AddRange(batch.Ids.AsSpan(start, end - start));
            types?.AddRange(batch.Types.AsSpan(start, end - start));
        }

        return new TokenBatch([.. ids], offsets) { Types = types?.ToArray() };
    }

    /// <summary>Places in the batch of a rank's texts, in the order that it embeds them.</summary>
    internal IReadOnlyList<int> Places(int rank, TextRole side) => side == TextRole.Query ? [.. Enumerable.Range(_rows[rank].Start, _rows[rank].Count)] : _passages[rank];
}
