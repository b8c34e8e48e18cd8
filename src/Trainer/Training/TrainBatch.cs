using Trainer.Encoders;

namespace Trainer.Training;

/// <summary>A batch ready to train on: B rows, C candidate passages, G candidates that are a row's own.</summary>
/// <param name="Queries">B queries.</param>
/// <param name="Passages">C passages: the B positives, then hard negatives.</param>
/// <param name="Excluded">Candidates that are no negatives, row-major (B, C).</param>
public sealed record TrainBatch(TokenBatch Queries, TokenBatch Passages, bool[] Excluded)
{
    int[]? _own;

    /// <summary>G: candidates of a row at most, its positive and its hard negatives. Equal in all batches of a training.</summary>
    public int Group { get; init; } = 1;

    /// <summary>Each row's own candidates as indices among <see cref="Passages"/>, row-major (B, G): its positive first, -1 where there is none.</summary>
    /// <value>Default: the positives alone.</value>
    public int[] Own
    {
        get => _own ??= [.. Enumerable.Range(0, Queries.Count)];
        init => _own = value;
    }

    /// <summary>The teacher's scores of <see cref="Own"/>, row-major (B, G), NaN where it gave none; null where it gave none to the batch.</summary>
    public float[]? TeacherScores { get; init; }

    /// <summary>Index of each query in <see cref="TrainingSet.Queries"/>, (B); empty for a batch of other origin.</summary>
    public int[] QueryTexts { get; init; } = [];

    /// <summary>Index of each passage in <see cref="TrainingSet.Passages"/>, (C); empty for a batch of other origin.</summary>
    public int[] PassageTexts { get; init; } = [];

    /// <summary>Source of each row, an index into <see cref="TrainingSet.Sources"/>, (B); empty for a batch of other origin.</summary>
    public int[] Sources { get; init; } = [];

    /// <summary>Puts rows together. Which hard negatives are drawn depends on seed, epoch and row alone.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="rows">Indices of the batch's rows.</param>
    /// <param name="negatives">Hard negatives per row; rows with fewer give what they have.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="seed">The seed.</param>
    public static TrainBatch Build(TrainingSet set, ReadOnlySpan<int> rows, int negatives, int epoch, long seed)
    {
        var (queries, sources, group) = (new int[rows.Length], new int[rows.Length], 1 + negatives);
        var passages = new List<int>(rows.Length * group);
        var (own, scores, scored) = (new int[rows.Length * group], new float[rows.Length * group], false);
        Array.Fill(own, -1);
        Array.Fill(scores, float.NaN);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = set.Rows[rows[i]];
            (queries[i], sources[i]) = (row.Query, row.Source);
            own[i * group] = i;
            scores[i * group] = row.Scores?[0] ?? float.NaN;
            scored |= row.Scores is not null;
            passages.Add(row.Positive);
        }

        for (var i = 0; i < rows.Length; i++)
        {
            var row = set.Rows[rows[i]];
            var at = (i * group) + 1;
            foreach (var drawn in Drawn(row, rows[i], negatives, epoch, seed))
            {
                (own[at], scores[at++]) = (passages.Count, row.Scores?[1 + drawn] ?? float.NaN);
                passages.Add(row.Negatives[drawn]);
            }
        }

        var candidates = passages.ToArray();
        return new TrainBatch(set.Queries.Gather(queries), set.Passages.Gather(candidates), set.FalseNegatives(queries, candidates))
        {
            Group = group,
            Own = own,
            TeacherScores = scored ? scores : null,
            QueryTexts = queries,
            PassageTexts = candidates,
            Sources = sources,
        };
    }

    /// <summary>Which of a row's hard negatives an epoch draws, as positions in <see cref="IndexedRow.Negatives"/>, in drawn order.</summary>
    internal static IReadOnlyList<int> Drawn(IndexedRow row, int index, int negatives, int epoch, long seed) =>
        negatives == 0 || row.Negatives.Length == 0 ? [] : Sample.Take([.. Enumerable.Range(0, row.Negatives.Length)], negatives, seed, $"negatives:{epoch}:{index}");
}
