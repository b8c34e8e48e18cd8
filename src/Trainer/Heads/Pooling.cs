using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Token vectors to one vector per text; padding has no part in it. Formulas: sentence-transformers' Pooling module.</summary>
public static class Pooling
{
    /// <summary>Pools hidden states (B, L, D) to (B, D), of Float32 where they are of a 16-bit type.</summary>
    /// <param name="hidden">Hidden states, (B, L, D).</param>
    /// <param name="mask">(B, L), 1 or true at tokens, 0 or false at padding, which is on the right; null where nothing is padded.</param>
    /// <param name="mode">How.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor Pool(Tensor hidden, Tensor? mask, PoolingMode mode)
    {
        if (hidden.ndim != 3 || (mask is not null && !mask.shape.AsSpan().SequenceEqual(hidden.shape.AsSpan(0, 2))))
        {
            throw new ArgumentException(
                $"Pooling got hidden states ({string.Join(", ", hidden.shape)}) and a mask ({string.Join(", ", mask?.shape ?? [])}); expected (B, L, D) and (B, L).", nameof(hidden));
        }

        using var scope = NewDisposeScope();
        // 16-bit types cannot count beyond 256 (bfloat16) or hold -1e9 (half).
        hidden = hidden.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? hidden.to(float32) : hidden;
        var tokens = (mask ?? ones([hidden.shape[0], hidden.shape[1]], device: hidden.device)).to(hidden.dtype);
        return (mode switch
        {
            PoolingMode.Cls => hidden.select(1, 0),
            PoolingMode.Mean => Sum(hidden, tokens) / tokens.sum(1, keepdim: true).clamp_min(1e-9),
            PoolingMode.Max => hidden.masked_fill(tokens.eq(0).unsqueeze(-1), -1e9).max(1).values,
            PoolingMode.MeanSqrtLength => Sum(hidden, tokens) / tokens.sum(1, keepdim: true).clamp_min(1e-9).sqrt(),
            PoolingMode.WeightedMean => Weighted(hidden, tokens),
            PoolingMode.LastToken => Last(hidden, tokens),
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Expected a mode of pooling."),
        }).MoveToOuterDisposeScope();
    }

    /// <summary>Pools hidden states of texts end to end to (B, D): the same values as of padded ones. The first and the last token are read where they lie.</summary>
    /// <param name="states">Hidden states, with a token in every text.</param>
    /// <param name="mode">How.</param>
    public static Tensor Pool(TokenStates states, PoolingMode mode)
    {
        using var scope = NewDisposeScope();
        if (mode is not (PoolingMode.Cls or PoolingMode.LastToken))
        {
            return Pool(states.Padded(), states.Mask(), mode).MoveToOuterDisposeScope();
        }

        var rows = states.Batch.Offsets.Select((start, i) => mode == PoolingMode.Cls ? start : start + states.Lengths[i] - 1).ToArray();
        var tokens = states.Values.index_select(0, tensor(rows).to(states.Values.device));
        return (tokens.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? tokens.to(float32) : tokens).MoveToOuterDisposeScope();
    }

    /// <summary>Scales vectors to length one: x / max(|x|, 1e-12) over the last dimension, (..., D) to (..., D).</summary>
    public static Tensor Normalize(Tensor vectors) => nn.functional.normalize(vectors, dim: -1);

    static Tensor Sum(Tensor hidden, Tensor weights) => (hidden * weights.unsqueeze(-1)).sum(1);

    static Tensor Weighted(Tensor hidden, Tensor tokens)
    {
        var weights = tokens * arange(1, hidden.shape[1] + 1, hidden.dtype, hidden.device);
        return Sum(hidden, weights) / weights.sum(1, keepdim: true).clamp_min(1e-9);
    }

    static Tensor Last(Tensor hidden, Tensor tokens)
    {
        var at = (tokens.sum(1) - 1).clamp_min(0).to(int64).view(-1, 1, 1).expand(hidden.shape[0], 1, hidden.shape[2]);
        return hidden.gather(1, at).squeeze(1);
    }
}
