using Trainer.Encoders;

namespace Trainer.Training.Batches;

/// <summary>A batch at its worst: every text has all the tokens that its bucket allows. Sizes are tried with it.</summary>
public static class FullBatch
{
    /// <summary>Makes one.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Tokens that the bucket allows.</param>
    /// <param name="queryLength">Tokens kept of a query: it has no more than these.</param>
    /// <param name="passageLength">Tokens kept of a passage, likewise.</param>
    /// <param name="negatives">Hard negatives of each row.</param>
    /// <param name="vocabulary">Entries of the tokenizer; ids are drawn from its upper half, where no special tokens are.</param>
    public static TrainBatch Of(int rows, int length, int queryLength, int passageLength, int negatives, int vocabulary)
    {
        var (random, group) = (new SplitMix64(1), 1 + negatives);
        var own = new int[rows * group];
        for (var i = 0; i < own.Length; i++)
        {
            var (row, column) = (i / group, i % group);
            own[i] = column == 0 ? row : rows + (row * negatives) + column - 1;
        }

        return new TrainBatch(Texts(rows, Math.Min(length, queryLength)), Texts(rows * group, Math.Min(length, passageLength)), new bool[(long)rows * rows * group])
        {
            Group = group,
            Own = own,
            TeacherScores = new float[own.Length],
            Sources = new int[rows],
        };

        TokenBatch Texts(int count, int tokens)
        {
            var (ids, half) = (new long[(long)count * tokens], vocabulary / 2);
            for (var i = 0; i < ids.Length; i++)
            {
                ids[i] = half + random.Below(vocabulary - half);
            }

            return new TokenBatch(ids, [.. Enumerable.Range(0, count).Select(i => (long)i * tokens)]);
        }
    }
}
