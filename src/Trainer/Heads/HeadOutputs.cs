using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Embeddings of a batch of texts, B of them; what was not asked for is null.</summary>
public sealed record HeadOutputs
{
    /// <summary>One vector per text, (B, D).</summary>
    public Tensor? Dense { get; init; }

    /// <summary>One weight per token id and text.</summary>
    public SparseVectors? Sparse { get; init; }

    /// <summary>One vector per token.</summary>
    public MultiVectors? MultiVector { get; init; }

    /// <summary>Number of texts, B; 0 where nothing was asked for.</summary>
    public int Count => (int?)Dense?.shape[0] ?? Sparse?.Count ?? MultiVector?.Count ?? 0;

    /// <summary>The tensors that hold the embeddings, in the order dense, sparse, multi-vector.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. new[] { Dense, Sparse?.Weights, MultiVector?.Values }.OfType<Tensor>()];

    /// <summary>The same texts with other values.</summary>
    /// <param name="tensors">One for each of <see cref="Tensors"/>, of its shape.</param>
    public HeadOutputs With(IReadOnlyList<Tensor> tensors)
    {
        var next = 0;
        return new HeadOutputs
        {
            Dense = Dense is null ? null : tensors[next++],
            Sparse = Sparse is null ? null : new SparseVectors(tensors[next++], [.. Sparse.Ids], [.. Sparse.Offsets]),
            MultiVector = MultiVector is null ? null : new MultiVectors(tensors[next], [.. MultiVector.Offsets]),
        };
    }

    /// <summary>Texts of several batches as one; all were asked for the same.</summary>
    public static HeadOutputs Concat(IReadOnlyList<HeadOutputs> parts) => parts.Count == 1 ? parts[0] : new HeadOutputs
    {
        Dense = parts[0].Dense is null ? null : cat(parts.Select(p => p.Dense!).ToArray(), 0),
        Sparse = parts[0].Sparse is null ? null : new SparseVectors(
            cat(parts.Select(p => p.Sparse!.Weights).ToArray(), 0), [.. parts.SelectMany(p => p.Sparse!.Ids)], Joined(parts.Select(p => (p.Sparse!.Offsets, p.Sparse.Weights.shape[0])))),
        MultiVector = parts[0].MultiVector is null ? null : new MultiVectors(
            cat(parts.Select(p => p.MultiVector!.Values).ToArray(), 0), Joined(parts.Select(p => (p.MultiVector!.Offsets, p.MultiVector.Values.shape[0])))),
    };

    /// <summary>Hands its tensors on to the scope around.</summary>
    public HeadOutputs MoveToOuterDisposeScope()
    {
        foreach (var value in Tensors)
        {
            value.MoveToOuterDisposeScope();
        }

        return this;
    }

    static long[] Joined(IEnumerable<(IReadOnlyList<long> Offsets, long Length)> parts)
    {
        var (all, start) = (new List<long>(), 0L);
        foreach (var (offsets, length) in parts)
        {
            all.AddRange(offsets.Select(o => o + start));
            start += length;
        }

        return [.. all];
    }
}
