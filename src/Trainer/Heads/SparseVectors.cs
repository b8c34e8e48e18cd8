using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Texts as weights of token ids, end to end: text i has the ids and weights from its offset to the next, ids ascending, weights above 0.</summary>
/// <param name="weights">Weights of all texts, (N).</param>
/// <param name="ids">Their token ids, (N).</param>
/// <param name="offsets">Where each text starts, (B).</param>
public sealed class SparseVectors(Tensor weights, long[] ids, long[] offsets)
{
    /// <summary>Weights of all texts, (N); they have a gradient where the encoder's states have one.</summary>
    public Tensor Weights => weights;

    /// <summary>Token ids of the weights, (N).</summary>
    public IReadOnlyList<long> Ids => ids;

    /// <summary>Where each text starts, (B).</summary>
    public IReadOnlyList<long> Offsets => offsets;

    /// <summary>Number of texts, B.</summary>
    public int Count => offsets.Length;

    /// <summary>Texts without a single weight: a share that grows while training is a sign that the head dies.</summary>
    public int Empty => Enumerable.Range(0, Count).Count(i => End(i) == offsets[i]);

    /// <summary>The weights of each text, by token id ascending.</summary>
    public IReadOnlyList<(int Id, float Weight)[]> ToPairs()
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var values = weights.to(float32).cpu().data<float>().ToArray();
        return [.. Enumerable.Range(0, Count).Select(i =>
            Enumerable.Range((int)offsets[i], (int)(End(i) - offsets[i])).Select(n => ((int)ids[n], values[n])).ToArray())];
    }

    /// <summary>
    /// Inner products of these texts with others, (B, C): Σ of w · v over the token ids that both have. Only ids that occur on both sides get a column, so the largest
    /// tensor has as many columns as the smaller side has different ids.
    /// </summary>
    public Tensor Dot(SparseVectors others)
    {
        using var scope = NewDisposeScope();
        var mine = new HashSet<long>(ids);
        var columns = new Dictionary<long, int>();
        foreach (var id in others.Ids.Where(mine.Contains))
        {
            columns.TryAdd(id, columns.Count);
        }

        return matmul(Spread(columns), others.Spread(columns).t()).MoveToOuterDisposeScope();
    }

    long End(int text) => text + 1 < Count ? offsets[text + 1] : ids.LongLength;

    // (B, U) with the weights of the ids that have a column.
    Tensor Spread(Dictionary<long, int> columns)
    {
        var (places, entries) = (new List<long>(), new List<long>());
        for (var i = 0; i < Count; i++)
        {
            for (var n = offsets[i]; n < End(i); n++)
            {
                if (columns.TryGetValue(ids[n], out var column))
                {
                    places.Add(((long)i * columns.Count) + column);
                    entries.Add(n);
                }
            }
        }

        var chosen = weights.index_select(0, tensor(entries.ToArray()).to(weights.device));
        return zeros([(long)Count * columns.Count], weights.dtype, weights.device).scatter(0, tensor(places.ToArray()).to(weights.device), chosen).view(Count, columns.Count);
    }
}
