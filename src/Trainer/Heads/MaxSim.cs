using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Late interaction (Khattab and Zaharia 2020): of a query and a passage the sum over the query's vectors q of max over the passage's vectors p of q · p.</summary>
public static class MaxSim
{
    // Elements of the largest tensor that a block of passages makes: 128 MiB of 32-bit floats.
    const long BlockElements = 1 << 25;

    /// <summary>Scores of every query with every passage, (B, C). Memory grows with the result and one block of passages, not with all pairs of tokens.</summary>
    /// <param name="queries">B texts.</param>
    /// <param name="passages">C texts, of vectors as long.</param>
    /// <param name="convention">What padding and length do.</param>
    public static Tensor Scores(MultiVectors queries, MultiVectors passages, MaxSimConvention convention)
    {
        Require(queries, passages);
        using var scope = NewDisposeScope();
        var width = Math.Max(passages.Width, 1);
        var padded = Wide(passages);
        var hidden = Hidden(passages, convention);
        var block = (int)Math.Clamp(BlockElements / Math.Max(1, queries.Values.shape[0] * width), 1, passages.Count);
        var nearest = new List<Tensor>();
        for (var start = 0; start < passages.Count; start += block)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(block, passages.Count - start);
            var candidates = padded.narrow(0, start, count).reshape(-1, padded.shape[2]);
            var similar = matmul(queries.Values, candidates.t()).view(-1, count, width);
            similar = hidden is null ? similar : similar.masked_fill(hidden.narrow(0, start, count).unsqueeze(0), double.NegativeInfinity);
            nearest.Add(similar.max(2).values.MoveToOuterDisposeScope());
        }

        var sums = queries.Pad(cat(nearest, 1)).sum(1);
        return Finish(sums, queries, Empty(passages, convention)?.unsqueeze(0), convention).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of every query with its own passages, (B, G): those of query i are the G from i · G.</summary>
    /// <param name="queries">B texts.</param>
    /// <param name="passages">B · G texts.</param>
    /// <param name="convention">What padding and length do.</param>
    public static Tensor OwnScores(MultiVectors queries, MultiVectors passages, MaxSimConvention convention)
    {
        Require(queries, passages);
        if (passages.Count % queries.Count != 0)
        {
            throw new ArgumentException($"{passages.Count} passages cannot be shared out equally among {queries.Count} queries.", nameof(passages));
        }

        using var scope = NewDisposeScope();
        var (rows, group, width) = (queries.Count, passages.Count / queries.Count, Math.Max(passages.Width, 1));
        var similar = bmm(queries.Padded(), Wide(passages).view(rows, group * width, -1).transpose(1, 2)).view(rows, -1, group, width);
        if (Hidden(passages, convention) is { } hidden)
        {
            similar = similar.masked_fill(hidden.view(rows, 1, group, width), double.NegativeInfinity);
        }

        // Padded vectors of queries are zeros; against a passage without a vector their similarity would be no number times zero.
        var nearest = similar.max(3).values.masked_fill(queries.Mask().logical_not().unsqueeze(2), 0);
        return Finish(nearest.sum(1), queries, Empty(passages, convention)?.view(rows, group), convention).MoveToOuterDisposeScope();
    }

    static void Require(MultiVectors queries, MultiVectors passages)
    {
        if (queries.Count == 0 || passages.Count == 0 || queries.Values.shape[1] != passages.Values.shape[1])
        {
            throw new ArgumentException(
                $"Late interaction got {queries.Count} queries of vectors ({queries.Values.shape[1]}) and {passages.Count} passages of vectors ({passages.Values.shape[1]}); expected some of each, of equal width.",
                nameof(passages));
        }
    }

    // (C, L, D), with a place even where no passage has a vector.
    static Tensor Wide(MultiVectors passages) => passages.Width > 0 ? passages.Padded() : zeros([passages.Count, 1, passages.Values.shape[1]], passages.Values.dtype, passages.Values.device);

    static bool Excludes(MaxSimConvention convention) => convention is MaxSimConvention.SentenceTransformers or MaxSimConvention.SentenceTransformersMean;

    // Places that may not be the nearest, (C, L); null where all may.
    static Tensor? Hidden(MultiVectors passages, MaxSimConvention convention) => !Excludes(convention) || passages.Lengths.All(n => n == passages.Width && n > 0)
        ? null
        : passages.Width > 0 ? passages.Mask().logical_not() : ones([passages.Count, 1], ScalarType.Bool, passages.Values.device);

    static Tensor? Empty(MultiVectors passages, MaxSimConvention convention) => Excludes(convention) && passages.Lengths.Contains(0)
        ? tensor(passages.Lengths.Select(n => n == 0).ToArray()).to(passages.Values.device)
        : null;

    static Tensor Finish(Tensor sums, MultiVectors queries, Tensor? empty, MaxSimConvention convention)
    {
        if (convention is MaxSimConvention.FlagEmbedding or MaxSimConvention.SentenceTransformersMean)
        {
            var lengths = tensor(queries.Lengths.Select(n => (float)Math.Max(n, 1)).ToArray()).to(sums.dtype, sums.device);
            sums = sums / lengths.unsqueeze(1);
        }

        return empty is null ? sums : sums.masked_fill(empty, -1e9);
    }
}
