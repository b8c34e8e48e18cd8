using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Comparisons and logic: results are Bool tensors unless said otherwise.
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Ops.eq_Tensor.Call(this, target);

        public Tensor eq(Scalar target) => Ops.eq_Scalar.Call(this, target);

        public Tensor ne(Tensor target) => Ops.ne_Tensor.Call(this, target);

        public Tensor ne(Scalar target) => Ops.ne_Scalar.Call(this, target);

        public Tensor lt(Tensor target) => Ops.lt_Tensor.Call(this, target);

        public Tensor lt(Scalar target) => Ops.lt_Scalar.Call(this, target);

        public Tensor le(Tensor target) => Ops.le_Tensor.Call(this, target);

        public Tensor le(Scalar target) => Ops.le_Scalar.Call(this, target);

        public Tensor gt(Tensor target) => Ops.gt_Tensor.Call(this, target);

        public Tensor gt(Scalar target) => Ops.gt_Scalar.Call(this, target);

        public Tensor ge(Tensor target) => Ops.ge_Tensor.Call(this, target);

        public Tensor ge(Scalar target) => Ops.ge_Scalar.Call(this, target);

        public Tensor isnan() => Ops.isnan.Call(this);

        public Tensor isinf() => Ops.isinf.Call(this);

        public Tensor isfinite() => Ops.isfinite.Call(this);

        public Tensor any() => Ops.any.Call(this);

        public Tensor any(long dim, bool keepdim = false) => Ops.any_dim.Call(this, dim, keepdim);

        public Tensor all() => Ops.all.Call(this);

        public Tensor all(long dim, bool keepdim = false) => Ops.all_dim.Call(this, dim, keepdim);

        public Tensor logical_not() => Ops.logical_not.Call(this);

        public Tensor logical_and(Tensor other) => Ops.logical_and.Call(this, other);

        public Tensor logical_or(Tensor other) => Ops.logical_or.Call(this, other);

        public Tensor bitwise_not() => Ops.bitwise_not.Call(this);

        public Tensor bitwise_and(Tensor other) => Ops.bitwise_and_Tensor.Call(this, other);

        public Tensor bitwise_or(Tensor other) => Ops.bitwise_or_Tensor.Call(this, other);

        public Tensor bitwise_xor(Tensor other) => Ops.bitwise_xor_Tensor.Call(this, other);

        /// <summary>Whether shape and every element are the same.</summary>
        public bool Equals(Tensor target) => Ops.equal.CallBool(this, target);

        /// <summary>Whether every element is within atol + rtol * |target|.</summary>
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Ops.allclose.CallBool(this, target, rtol, atol, equal_nan);

        /// <summary>This where the condition holds, y elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Ops.where_self.Call(condition, this, y);

        /// <summary>The positions of the elements that are not zero, (count, ndim).</summary>
        public Tensor nonzero() => Ops.nonzero.Call(this);
    }
}
