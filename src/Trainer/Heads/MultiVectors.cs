using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Texts as one vector per token, end to end.</summary>
/// <param name="values">Vectors of all texts, (T, D).</param>
/// <param name="offsets">Where each text starts, (B); a text ends where the next one starts. A text may have no vector.</param>
public sealed class MultiVectors(Tensor values, long[] offsets)
{
    /// <summary>Vectors of all texts, (T, D).</summary>
    public Tensor Values => values;

    /// <summary>Where each text starts, (B).</summary>
    public IReadOnlyList<long> Offsets => offsets;

    /// <summary>Number of texts, B.</summary>
    public int Count => offsets.Length;

    /// <summary>Vectors of each text, (B).</summary>
    public IReadOnlyList<int> Lengths { get; } = [.. Enumerable.Range(0, offsets.Length).Select(i => (int)((i + 1 < offsets.Length ? offsets[i + 1] : values.shape[0]) - offsets[i]))];

    /// <summary>Vectors of the longest text, L.</summary>
    public int Width => Lengths.Count == 0 ? 0 : Lengths.Max();

    /// <summary>The vectors of each text, one array each.</summary>
    public IReadOnlyList<float[][]> ToArrays()
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var width = (int)values.shape[1];
        var all = values.to(float32).cpu().contiguous().data<float>().ToArray();
        return [.. Enumerable.Range(0, Count).Select(i =>
            Enumerable.Range((int)offsets[i], Lengths[i]).Select(t => all.AsSpan(t * width, width).ToArray()).ToArray())];
    }

    /// <summary>Vectors with every text padded on the right by zeros to the longest, (B, L, D). Gradients pass.</summary>
    public Tensor Padded() => Pad(values);

    /// <summary>Whether each place of the padded vectors holds one, (B, L) of Bool.</summary>
    public Tensor Mask()
    {
        using var scope = NewDisposeScope();
        var lengths = tensor(Lengths.Select(n => (long)n).ToArray()).to(values.device);
        return arange(Width, device: values.device).unsqueeze(0).lt(lengths.unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Rows that belong to the vectors, (T, C), padded as they are, (B, L, C).</summary>
    internal Tensor Pad(Tensor rows)
    {
        using var scope = NewDisposeScope();
        int width = Width;
        if (Lengths.All(n => n == width))
        {
            return rows.view(Count, width, rows.shape[1]).MoveToOuterDisposeScope();
        }

        // Row T is a row of zeros, which all padding shows.
        var places = new long[Count * width];
        Array.Fill(places, rows.shape[0]);
        for (var i = 0; i < Count; i++)
        {
            for (var t = 0; t < Lengths[i]; t++)
            {
                places[(i * width) + t] = offsets[i] + t;
            }
        }

        var extended = cat([rows, zeros([1, rows.shape[1]], rows.dtype, rows.device)], 0);
        return extended.index_select(0, tensor(places).to(rows.device)).view(Count, width, rows.shape[1]).MoveToOuterDisposeScope();
    }
}
