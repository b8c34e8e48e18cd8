using Trainer.Heads;

namespace Trainer.Training.Caching;

/// <summary>Embeddings of some of a batch's texts.</summary>
static class OutputSlices
{
    /// <summary>Embeddings of texts <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>; views, through which gradients pass.</summary>
    public static HeadOutputs Slice(this HeadOutputs all, int start, int count) => start == 0 && count == all.Count ? all : new HeadOutputs
    {
        Dense = all.Dense?.narrow(0, start, count),
        Sparse = all.Sparse is { } sparse && Rows(sparse.Offsets, sparse.Weights.shape[0], start, count) is var (weights, number)
            ? new SparseVectors(sparse.Weights.narrow(0, weights, number), [.. sparse.Ids.Skip((int)weights).Take((int)number)], From(sparse.Offsets, start, count)) : null,
        MultiVector = all.MultiVector is { } multi && Rows(multi.Offsets, multi.Values.shape[0], start, count) is var (vectors, rows)
            ? new MultiVectors(multi.Values.narrow(0, vectors, rows), From(multi.Offsets, start, count)) : null,
    };

    static (long Start, long Count) Rows(IReadOnlyList<long> offsets, long total, int start, int count) =>
        (offsets[start], (start + count < offsets.Count ? offsets[start + count] : total) - offsets[start]);

    static long[] From(IReadOnlyList<long> offsets, int start, int count) => [.. Enumerable.Range(start, count).Select(i => offsets[i] - offsets[start])];
}
