using Trainer.Encoders;

namespace Trainer.Training;

/// <summary>A batch ready to train on.</summary>
/// <param name="Queries">B queries.</param>
/// <param name="Passages">C passages: the B positives, then hard negatives.</param>
/// <param name="Excluded">Candidates that are no negatives, row-major (B, C).</param>
public sealed record TrainBatch(TokenBatch Queries, TokenBatch Passages, bool[] Excluded)
{
    /// <summary>Puts rows together. Which hard negatives are drawn depends on seed, epoch and row alone.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="rows">Indices of the batch's rows.</param>
    /// <param name="negatives">Hard negatives per row; rows with fewer give what they have.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="seed">The seed.</param>
    public static TrainBatch Build(TrainingSet set, ReadOnlySpan<int> rows, int negatives, int epoch, long seed)
    {
        var queries = new int[rows.Length];
        var passages = new List<int>(rows.Length * (1 + negatives));
        for (var i = 0; i < rows.Length; i++)
        {
            queries[i] = set.Rows[rows[i]].Query;
            passages.Add(set.Rows[rows[i]].Positive);
        }

        foreach (var row in rows)
        {
            passages.AddRange(Sample.Take(set.Rows[row].Negatives, negatives, seed, $"negatives:{epoch}:{row}"));
        }

        var candidates = passages.ToArray();
        return new TrainBatch(set.Queries.Gather(queries), set.Passages.Gather(candidates), set.FalseNegatives(queries, candidates));
    }
}
