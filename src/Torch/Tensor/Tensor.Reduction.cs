using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Reductions, sorting and selection of the largest.
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Ops.sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Ops.sum_dim_IntList.Call(this, dim, keepdim, type);

        public Tensor mean() => Ops.mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Ops.mean_dim.Call(this, dimensions, keepdim, type);

        public Tensor prod(ScalarType? type = null) => Ops.prod.Call(this, type);

        public Tensor std(bool unbiased = true) => Ops.std.Call(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false) => Ops.std_dim.Call(this, new[] { dim }, unbiased, keepdim);

        public Tensor var(bool unbiased = true) => Ops.var.Call(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false) => Ops.var_dim.Call(this, new[] { dim }, unbiased, keepdim);

        public Tensor max() => Ops.max.Call(this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Ops.max_dim.CallPair(this, dim, keepdim);

        public Tensor min() => Ops.min.Call(this);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Ops.min_dim.CallPair(this, dim, keepdim);

        public Tensor amax(long[] dims, bool keepdim = false) => Ops.amax.Call(this, dims, keepdim);

        public Tensor amin(long[] dims, bool keepdim = false) => Ops.amin.Call(this, dims, keepdim);

        public Tensor argmax() => Ops.argmax.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => Ops.argmax.Call(this, dim, keepdim);

        public Tensor argmin() => Ops.argmin.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => Ops.argmin.Call(this, dim, keepdim);

        /// <summary>log(sum(exp(this))) along <paramref name="dim"/>, without overflow.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false) => Ops.logsumexp.Call(this, new[] { dim }, keepdim);

        /// <summary>The k largest (or smallest) along a dimension and where they are; ties in no promised order.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Ops.topk.CallPair(this, k, dim, largest, sorted);

        /// <summary>The elements in order along a dimension and where they were; equal ones keep their order when <paramref name="stable"/>.</summary>
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Ops.sort_stable.CallPair(this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => Ops.argsort.Call(this, dim, descending);
    }
}
