using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>PyTorch's torch.nn.functional.</summary>
        public static class functional
        {
            /// <summary>x W^T + b: (..., I) with weights (O, I) -> (..., O)</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Ops.linear.Call(input, weights, bias);

            /// <summary>Rows of weight at ids: (...) -> (..., D); row padding_idx gets no gradient. Not in TorchSharp.</summary>
            public static Tensor embedding(Tensor input, Tensor weight, long padding_idx = -1, bool scale_grad_by_freq = false, bool sparse = false) =>
                Ops.embedding.Call(weight, input, padding_idx, scale_grad_by_freq, sparse);

            /// <summary>One row per bag, without making the rows of its ids: see <see cref="Modules.EmbeddingBag"/>. Not in TorchSharp.</summary>
            public static Tensor embedding_bag(
                Tensor input, Tensor weight, Tensor? offsets = null, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false,
                Tensor? per_sample_weights = null, bool include_last_offset = false, long padding_idx = -1)
            {
                if (input.ndim == 1)
                {
                    if (offsets is null)
                    {
                        throw new ArgumentException("Ids in one dimension need offsets, where each bag starts.", nameof(offsets));
                    }
                    return Bags(input, weight, offsets, mode, sparse, per_sample_weights, include_last_offset, padding_idx);
                }
                if (input.ndim != 2 || offsets is not null)
                {
                    throw new ArgumentException($"Ids in {input.ndim} dimensions: expected one with offsets, or two without.", nameof(input));
                }
                using var scope = NewDisposeScope();
                var starts = arange(0, input.numel(), input.shape[1], input.dtype, input.device);
                return Bags(input.reshape(-1), weight, starts, mode, sparse, per_sample_weights?.reshape(-1), false, padding_idx).MoveToOuterDisposeScope();
            }

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Ops.layer_norm.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace
                ? throw new NotSupportedException("dropout in place is not bound: leave inplace false.")
                : Ops.dropout.Call(input, p, training);

            public static Tensor relu(Tensor x) => x.relu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate) => x.gelu(approximate);

            public static Tensor silu(Tensor x) => x.silu();

            public static Tensor tanh(Tensor x) => x.tanh();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            /// <summary>x / max(norm(x), eps) along dim.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1, double eps = 1e-12)
            {
                using var scope = NewDisposeScope();
                var norm = Ops.norm_ScalarOpt_dim.Call(input, (Scalar)p, new[] { dim }, true);
                return input.div(norm.clamp_min(eps).expand_as(input)).MoveToOuterDisposeScope();
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) => Ops.cosine_similarity.Call(x1, x2, dim, eps);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Ops.one_hot.Call(x, num_classes);

            /// <summary>Pads with a value: the last dimension's two amounts first.</summary>
            public static Tensor pad(Tensor input, long[] pad, double value = 0) => Ops.constant_pad_nd.Call(input, pad, (Scalar)value);

            /// <summary>-log softmax(input)[target]: logits (N, C) with class ids (N) or probabilities (N, C).</summary>
            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Ops.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            /// <summary>target * (log target - input), the input in logarithms; Mean is over all elements (divide a Sum by N for "batchmean").</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                Ops.kl_div.Call(input, target, (long)reduction, log_target);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.mse_loss.Call(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Ops.l1_loss.Call(input, target, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Ops.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);

            /// <summary>
            /// softmax(Q K^T / sqrt(D) + mask) V: (..., L, D) -> (..., L, D). The mask is added, or, as Bool, keeps where it is true.
            /// libtorch's fused kernel where it has one; else the explicit formula, with memory in L x S.
            /// </summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (attn_mask is not null && is_casual)
                {
                    throw new ArgumentException("Attention takes a mask or the causal mask, not both.", nameof(attn_mask));
                }
                if (Ops.scaled_dot_product_attention.Exists)
                {
                    return Ops.scaled_dot_product_attention.Call(query, key, value, attn_mask, p, is_casual);
                }
                using var scope = NewDisposeScope();
                var scores = query.matmul(key.transpose(-2, -1)) / Math.Sqrt(query.size(-1));
                if (is_casual)
                {
                    attn_mask = ones([query.size(-2), key.size(-2)], ScalarType.Bool, query.device).tril();
                }
                if (attn_mask is not null)
                {
                    scores = attn_mask.dtype == ScalarType.Bool
                        ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity)
                        : scores + attn_mask;
                }
                var weights = dropout(scores.softmax(-1), p, p > 0);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }

            static Tensor Bags(
                Tensor ids, Tensor weight, Tensor offsets, EmbeddingBagMode mode, bool sparse, Tensor? sampleWeights, bool lastOffset, long padding) =>
                Ops.embedding_bag_padding_idx.CallFirst(weight, ids, offsets, false, (long)mode, sparse, sampleWeights, lastOffset, padding < 0 ? Arg.None : padding);
        }
    }
}
