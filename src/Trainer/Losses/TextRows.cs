using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Some texts of a batch whose embeddings lie end to end. Gradients pass.</summary>
static class TextRows
{
    /// <summary>Texts of a range.</summary>
    public static MultiVectors Narrow(this MultiVectors texts, RowRange rows)
    {
        var (start, end) = Bounds(texts.Offsets, texts.Values.shape[0], rows);
        return new MultiVectors(texts.Values.narrow(0, start, end - start), Shifted(texts.Offsets, rows));
    }

    /// <summary>Texts of a range.</summary>
    public static SparseVectors Narrow(this SparseVectors texts, RowRange rows)
    {
        var (start, end) = Bounds(texts.Offsets, texts.Weights.shape[0], rows);
        return new SparseVectors(texts.Weights.narrow(0, start, end - start), [.. texts.Ids.Skip((int)start).Take((int)(end - start))], Shifted(texts.Offsets, rows));
    }

    /// <summary>Texts by their places; -1 is a text without a vector.</summary>
    public static MultiVectors Select(this MultiVectors texts, IReadOnlyList<long> places)
    {
        var (vectors, offsets) = (new List<long>(), new long[places.Count]);
        for (var i = 0; i < places.Count; i++)
        {
            offsets[i] = vectors.Count;
            for (var t = 0; places[i] >= 0 && t < texts.Lengths[(int)places[i]]; t++)
            {
                vectors.Add(texts.Offsets[(int)places[i]] + t);
            }
        }

        return new MultiVectors(texts.Values.index_select(0, tensor(vectors.ToArray()).to(texts.Values.device)), offsets);
    }

    static (long Start, long End) Bounds(IReadOnlyList<long> offsets, long length, RowRange rows) =>
        rows.Count == 0 ? (0, 0) : (offsets[rows.Start], rows.End < offsets.Count ? offsets[rows.End] : length);

    static long[] Shifted(IReadOnlyList<long> offsets, RowRange rows) => [.. Enumerable.Range(rows.Start, rows.Count).Select(i => offsets[i] - offsets[rows.Start])];
}
