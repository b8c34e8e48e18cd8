using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Modules, functions and losses of neural networks.</summary>
    public static partial class nn
    {
        /// <summary>How a loss of many elements becomes one number.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        /// <summary>x W^T + b with W (outputSize, inputSize), drawn as PyTorch draws it: uniform within 1/sqrt(inputSize).</summary>
        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
            new(inputSize, outputSize, hasBias, device, dtype);

        /// <summary>A table of num_embeddings rows, drawn from the standard normal; row padding_idx is zero and gets no gradient.</summary>
        public static Embedding Embedding(
            long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
            bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
        {
            RequireNoRenorm(max_norm, norm_type);
            return new Embedding(num_embeddings, embedding_dims, padding_idx, scale_grad_by_freq, sparse, device, dtype);
        }

        /// <summary>One row per bag of ids: the sum, mean or maximum of the ids' rows.</summary>
        public static EmbeddingBag EmbeddingBag(
            long num_embeddings, long embedding_dims, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false,
            EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1,
            Device? device = null, ScalarType? dtype = null)
        {
            RequireNoRenorm(max_norm, norm_type);
            return scale_grad_by_freq
                ? throw new NotSupportedException("EmbeddingBag with scale_grad_by_freq is not bound: leave it false.")
                : new(num_embeddings, embedding_dims, mode, sparse, include_last_offset, padding_index, device, dtype);
        }

        /// <summary>Mean 0 and variance 1 over the last dimensions, then scale and shift.</summary>
        public static LayerNorm LayerNorm(
            long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
            new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

        public static LayerNorm LayerNorm(
            long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
            new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        /// <summary>Zeroes each element with probability p while training and scales the rest by 1 / (1 - p).</summary>
        public static Dropout Dropout(double p = 0.5, bool inplace = false) => inplace
            ? throw new NotSupportedException("Dropout in place is not bound: leave inplace false.")
            : new Dropout(p);

        public static GELU GELU(GELU.Approximate approximate = Modules.GELU.Approximate.none) => new(approximate);

        public static ModuleList<T> ModuleList<T>(params T[] modules)
            where T : Module => new(modules);

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
            new(modules.Select((m, k) => (k.ToString(), m)));

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

        static void RequireNoRenorm(double? maxNorm, double normType)
        {
            if (maxNorm is not null || normType != 2.0)
            {
                throw new NotSupportedException("Embeddings with max_norm are not bound: renormalize the weight, or leave max_norm and norm_type out.");
            }
        }
    }
}
