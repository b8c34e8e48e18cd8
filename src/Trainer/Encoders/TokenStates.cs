using static TorchSharp.torch;

namespace Trainer.Encoders;

/// <summary>Hidden states of a batch's tokens, texts end to end: padding is never computed. Heads read them.</summary>
/// <param name="values">Hidden states, (T, D), in the batch's order.</param>
/// <param name="batch">The texts: ids and where each starts.</param>
public sealed class TokenStates(Tensor values, TokenBatch batch)
{
    int[]? _lengths;

    /// <summary>Hidden states, (T, D).</summary>
    public Tensor Values => values;

    /// <summary>The texts.</summary>
    public TokenBatch Batch => batch;

    /// <summary>Tokens of each text, (B).</summary>
    public int[] Lengths => _lengths ??= [.. Enumerable.Range(0, batch.Count).Select(i => (int)((i + 1 < batch.Count ? batch.Offsets[i + 1] : batch.Ids.LongLength) - batch.Offsets[i]))];

    /// <summary>Tokens of the longest text, L.</summary>
    public int Width => Lengths.Max();

    /// <summary>Whether each place of a padded batch holds a token, (B, L) of Bool.</summary>
    public Tensor Mask()
    {
        using var scope = NewDisposeScope();
        var lengths = tensor(Array.ConvertAll(Lengths, n => (long)n)).to(values.device);
        return arange(Width, device: values.device).unsqueeze(0).lt(lengths.unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states with every text padded on the right to the longest, (B, L, D); 0 at padding. Gradients pass.</summary>
    public Tensor Padded()
    {
        using var scope = NewDisposeScope();
        int width = Width;
        if (Lengths.All(n => n == width))
        {
            return values.view(batch.Count, width, values.shape[1]).MoveToOuterDisposeScope();
        }

        // Row T is a row of zeros, which all padding shows.
        var rows = new long[batch.Count * width];
        Array.Fill(rows, batch.Ids.LongLength);
        for (var i = 0; i < batch.Count; i++)
        {
            for (var t = 0; t < Lengths[i]; t++)
            {
                rows[(i * width) + t] = batch.Offsets[i] + t;
            }
        }

        var extended = cat([values, zeros([1, values.shape[1]], values.dtype, values.device)], 0);
        return extended.index_select(0, tensor(rows).to(values.device)).view(batch.Count, width, values.shape[1]).MoveToOuterDisposeScope();
    }
}
