using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>What becomes of a quotient's fraction.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    // Element-wise functions of a tensor; operands broadcast.
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Ops.add_Tensor.Call(this, target);

        /// <summary>this + alpha * target</summary>
        public Tensor add(Tensor target, Scalar alpha) => Ops.add_Tensor.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => Ops.add_Scalar.Call(this, scalar);

        public Tensor sub(Tensor target) => Ops.sub_Tensor.Call(this, target);

        public Tensor sub(Scalar target) => Ops.sub_Scalar.Call(this, target);

        public Tensor mul(Tensor target) => Ops.mul_Tensor.Call(this, target);

        public Tensor mul(Scalar target) => Ops.mul_Scalar.Call(this, target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Ops.div_Tensor.Call(this, target)
            : Ops.div_Tensor_mode.Call(this, target, rounding_mode.ToString());

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Ops.div_Scalar.Call(this, target)
            : Ops.div_Scalar_mode.Call(this, target, rounding_mode.ToString());

        public Tensor remainder(Tensor target) => Ops.remainder_Tensor.Call(this, target);

        public Tensor remainder(Scalar scalar) => Ops.remainder_Scalar.Call(this, scalar);

        /// <summary>this + value * tensor1 * tensor2</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul.Call(this, tensor1, tensor2, value);

        /// <summary>this + value * tensor1 / tensor2</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor pow(Scalar exponent) => Ops.pow_Tensor_Scalar.Call(this, exponent);

        public Tensor pow(Tensor exponent) => Ops.pow_Tensor_Tensor.Call(this, exponent);

        public Tensor square() => pow(2);

        public Tensor neg() => Ops.neg.Call(this);

        public Tensor negative() => neg();

        public Tensor abs() => Ops.abs.Call(this);

        public Tensor exp() => Ops.exp.Call(this);

        public Tensor expm1() => Ops.expm1.Call(this);

        public Tensor log() => Ops.log.Call(this);

        public Tensor log1p() => Ops.log1p.Call(this);

        public Tensor log2() => Ops.log2.Call(this);

        public Tensor sqrt() => Ops.sqrt.Call(this);

        public Tensor rsqrt() => Ops.rsqrt.Call(this);

        public Tensor reciprocal() => Ops.reciprocal.Call(this);

        public Tensor tanh() => Ops.tanh.Call(this);

        public Tensor sigmoid() => Ops.sigmoid.Call(this);

        public Tensor relu() => Ops.relu.Call(this);

        /// <summary>x * Phi(x), the exact form.</summary>
        public Tensor gelu() => Ops.gelu.Call(this);

        /// <summary>x * Phi(x), exact or by the tanh approximation.</summary>
        public Tensor gelu(Modules.GELU.Approximate approximate) => Ops.gelu.Call(this, approximate.ToString());

        public Tensor silu() => Ops.silu.Call(this);

        public Tensor erf() => Ops.erf.Call(this);

        public Tensor sin() => Ops.sin.Call(this);

        public Tensor cos() => Ops.cos.Call(this);

        public Tensor sign() => Ops.sign.Call(this);

        public Tensor floor() => Ops.floor.Call(this);

        public Tensor ceil() => Ops.ceil.Call(this);

        public Tensor round() => Ops.round.Call(this);

        public Tensor trunc() => Ops.trunc.Call(this);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.clamp.Call(this, min, max);

        public Tensor clamp_min(Scalar min) => Ops.clamp_min.Call(this, min);

        public Tensor clamp_max(Scalar max) => Ops.clamp_max.Call(this, max);

        public Tensor maximum(Tensor other) => Ops.maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Ops.minimum.Call(this, other);

        /// <summary>this + weight * (end - this)</summary>
        public Tensor lerp(Tensor end, Scalar weight) => Ops.lerp_Scalar.Call(this, end, weight);

        /// <summary>exp(this) / sum of exp(this) along <paramref name="dim"/>; computed in <paramref name="dtype"/> when given.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Ops.softmax_int.Call(this, dim, dtype);

        /// <summary>The logarithm of <see cref="softmax"/>, in one stable step.</summary>
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Ops.log_softmax_int.Call(this, dim, dtype);

        public Tensor cumsum(long dim, ScalarType? type = null) => Ops.cumsum.Call(this, dim, type);
    }
}
