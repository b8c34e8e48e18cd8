using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// A BERT layer and its embeddings on the CPU, each one node of the graph: products by libtorch, all between them in one pass over the rows, attention text by text, so that texts laid end to end
/// need no padding. Weights, gradients, hidden states, layer norms and softmax are Float32; products Float32 or BFloat16. Dropout draws one number from the default generator and hashes it with the
/// element's place. Gradients of gradients are not there.
/// </summary>
public static unsafe class FusedTransformer
{
    /// <summary>Tensors of a layer: query, key, value, output, first norm, up, down, second norm; of each the weight and the bias.</summary>
    public const int Weights = 16;

    /// <summary>Whether layers of this shape can be computed here.</summary>
    /// <param name="width">D.</param>
    /// <param name="inner">Width between up and down.</param>
    /// <param name="heads">Heads of attention.</param>
    public static bool Fits(long width, long inner, long heads) => heads > 0 && width % (16 * heads) == 0 && inner % 16 == 0;

    /// <summary>dropout(norm(tokens[ids] + types[kinds] + positions[places])), (T, D).</summary>
    /// <param name="tokens">(V, D).</param>
    /// <param name="positions">(P, D).</param>
    /// <param name="types">(K, D).</param>
    /// <param name="gamma">Weight of the layer norm, (D).</param>
    /// <param name="beta">Bias of the layer norm, (D).</param>
    /// <param name="ids">(T).</param>
    /// <param name="places">(T).</param>
    /// <param name="kinds">(T), or null for 0 everywhere.</param>
    /// <param name="epsilon">Of the layer norm.</param>
    /// <param name="dropout">Share of elements dropped.</param>
    /// <param name="skipToken">Token whose row gets no gradient, or -1.</param>
    /// <param name="skipPosition">Position whose row gets no gradient, or -1.</param>
    /// <exception cref="TorchException">A tensor is not on the CPU, not contiguous Float32, or of another shape; an id is outside its table.</exception>
    public static torch.Tensor Embed(
        torch.Tensor tokens, torch.Tensor positions, torch.Tensor types, torch.Tensor gamma, torch.Tensor beta, long[] ids, long[] places, long[]? kinds, double epsilon, double dropout,
        long skipToken, long skipPosition)
    {
        if (places.Length != ids.Length || (kinds is not null && kinds.Length != ids.Length))
        {
            throw new ArgumentException($"{ids.Length} ids have {places.Length} positions and {kinds?.Length ?? ids.Length} types; expected one each.", nameof(places));
        }

        nint result;
        int failed;
        fixed (long* i = ids, p = places, k = kinds)
        {
            failed = FusedMethods.ts_fused_embed(
                tokens.Handle, positions.Handle, types.Handle, gamma.Handle, beta.Handle, i, p, k, ids.Length, epsilon, dropout, skipToken, skipPosition, &result);
        }

        GC.KeepAlive((tokens, positions, types, gamma, beta));
        NativeMethods.Check(failed);
        return new torch.Tensor(result);
    }

    /// <summary>The next hidden states, (T, D).</summary>
    /// <param name="x">Hidden states, (T, D).</param>
    /// <param name="offsets">Where each text starts, and T, (B + 1).</param>
    /// <param name="weights">The layer's tensors, in the order of <see cref="Weights"/>.</param>
    /// <param name="heads">Heads of attention.</param>
    /// <param name="epsilon">Of the layer norms.</param>
    /// <param name="hiddenDropout">Share dropped before each residual.</param>
    /// <param name="attentionDropout">Share of attention weights dropped.</param>
    /// <param name="shorter">Whether factors of products are rounded to BFloat16.</param>
    /// <param name="recompute">Whether the backward pass computes the layer's inner states again, so that memory holds its input only.</param>
    /// <exception cref="TorchException">A tensor is not on the CPU, not contiguous Float32, or of another shape; a text is empty.</exception>
    public static torch.Tensor Layer(
        torch.Tensor x, long[] offsets, IReadOnlyList<torch.Tensor> weights, long heads, double epsilon, double hiddenDropout, double attentionDropout, bool shorter, bool recompute)
    {
        if (weights.Count != Weights)
        {
            throw new ArgumentException($"A layer has {weights.Count} tensors; expected {Weights}.", nameof(weights));
        }

        var handles = stackalloc nint[Weights];
        for (var i = 0; i < Weights; i++)
        {
            handles[i] = weights[i].Handle;
        }

        nint result;
        int failed;
        fixed (long* o = offsets)
        {
            failed = FusedMethods.ts_fused_layer(x.Handle, o, offsets.Length - 1, handles, heads, epsilon, hiddenDropout, attentionDropout, shorter ? 1 : 0, recompute ? 1 : 0, &result);
        }

        GC.KeepAlive(x);
        GC.KeepAlive(weights);
        NativeMethods.Check(failed);
        return new torch.Tensor(result);
    }
}
