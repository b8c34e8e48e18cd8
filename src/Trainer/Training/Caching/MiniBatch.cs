using Trainer.Encoders;
using Trainer.Training.Batches;

namespace Trainer.Training.Caching;

/// <summary>Texts of one side of a batch among the texts of a mini-batch.</summary>
/// <param name="Side">0 for queries, 1 for passages, 2 for queries again.</param>
/// <param name="Start">The first of them in the mini-batch.</param>
/// <param name="Count">How many.</param>
readonly record struct Segment(int Side, int Start, int Count);

/// <summary>Texts that go through the encoder at once.</summary>
/// <param name="Texts">The texts.</param>
/// <param name="Role">Side of retrieval they are read as.</param>
/// <param name="Column">What they were cut from; with <paramref name="Index"/> it names their draws.</param>
/// <param name="Index">Which mini-batch of the column.</param>
/// <param name="Segments">Which sides they are of, in order.</param>
sealed record MiniBatch(TokenBatch Texts, TextRole Role, string Column, int Index, IReadOnlyList<Segment> Segments)
{
    static readonly string[] Columns = ["queries", "passages", "queries_again"];

    /// <summary>Cuts the sides of a batch, in order: together where the encoder reads all alike, so that a batch that fits is one pass; else one by one.</summary>
    /// <param name="sides">Queries, passages, and queries again where the loss wants them twice.</param>
    /// <param name="shared">Whether the encoder reads all sides alike.</param>
    /// <param name="texts">Texts at most.</param>
    /// <param name="tokens">Tokens at most; a longer text goes alone.</param>
    public static IReadOnlyList<MiniBatch> Cut(IReadOnlyList<TokenBatch> sides, bool shared, int texts, long tokens)
    {
        if (!shared)
        {
            return [.. sides.SelectMany((side, s) => Cut(side, Columns[s], s == 1 ? TextRole.Passage : TextRole.Query, [(s, side.Count)], texts, tokens))];
        }

        var all = sides.Aggregate(TokenBatch.Concat);
        return [.. Cut(all, "texts", TextRole.Passage, [.. sides.Select((side, s) => (s, side.Count))], texts, tokens)];
    }

    static IEnumerable<MiniBatch> Cut(TokenBatch all, string column, TextRole role, IReadOnlyList<(int Side, int Count)> sides, int texts, long tokens)
    {
        foreach (var (index, run) in MiniBatches.Split(all, texts, tokens).Index())
        {
            var segments = new List<Segment>();
            var first = 0;
            foreach (var (side, count) in sides)
            {
                var (from, to) = (Math.Max(first, run.Start), Math.Min(first + count, run.End));
                if (to > from)
                {
                    segments.Add(new Segment(side, from - run.Start, to - from));
                }

                first += count;
            }

            yield return new MiniBatch(run.Count == all.Count ? all : all.Slice(run.Start, run.Count), role, column, index, segments);
        }
    }
}
