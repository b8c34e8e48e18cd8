using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // In-place functions: they change the elements and return this object.
    public partial class Tensor
    {
        public Tensor add_(Tensor target) => InPlace(Ops.add__Tensor, target);

        /// <summary>Adds alpha * target.</summary>
        public Tensor add_(Tensor target, Scalar alpha) => InPlace(Ops.add__Tensor, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace(Ops.add__Scalar, scalar);

        public Tensor sub_(Tensor target) => InPlace(Ops.sub__Tensor, target);

        public Tensor sub_(Scalar target) => InPlace(Ops.sub__Scalar, target);

        public Tensor mul_(Tensor target) => InPlace(Ops.mul__Tensor, target);

        public Tensor mul_(Scalar target) => InPlace(Ops.mul__Scalar, target);

        public Tensor div_(Tensor target) => InPlace(Ops.div__Tensor, target);

        public Tensor div_(Scalar target) => InPlace(Ops.div__Scalar, target);

        /// <summary>Adds value * tensor1 * tensor2.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace(Ops.addcmul_, tensor1, tensor2, value);

        /// <summary>Adds value * tensor1 / tensor2.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => InPlace(Ops.addcdiv_, tensor1, tensor2, value);

        /// <summary>Moves by weight towards end.</summary>
        public Tensor lerp_(Tensor end, Scalar weight) => InPlace(Ops.lerp__Scalar, end, weight);

        public Tensor neg_() => InPlace(Ops.neg_);

        public Tensor exp_() => InPlace(Ops.exp_);

        public Tensor sqrt_() => InPlace(Ops.sqrt_);

        public Tensor relu_() => InPlace(Ops.relu_);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace(Ops.clamp_, min, max);

        public Tensor zero_() => InPlace(Ops.zero_);

        public Tensor fill_(Scalar value) => InPlace(Ops.fill__Scalar, value);

        /// <summary>Copies the elements of another tensor, converting type and device and broadcasting.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace(Ops.copy_, source, nonBlocking);

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace(Ops.masked_fill__Scalar, mask, value);

        /// <summary>Writes src's elements at index along dim.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src) => InPlace(Ops.scatter__src, dim, index, src);

        /// <summary>Adds src's elements at index along dim.</summary>
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => InPlace(Ops.scatter_add_, dim, index, src);

        /// <summary>Adds alpha * source's slices at index along dim.</summary>
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => InPlace(Ops.index_add_, dim, index, source, alpha);

        /// <summary>Overwrites slices at index along dim.</summary>
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => InPlace(Ops.index_copy_, dim, index, source);

        /// <summary>Fills slices at index along dim.</summary>
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => InPlace(Ops.index_fill__int_Scalar, dim, index, value);

        /// <summary>Draws every element from a normal distribution.</summary>
        public Tensor normal_(double mean = 0.0, double std = 1.0) => InPlace(Ops.normal_, mean, std);

        /// <summary>Draws every element uniformly from [from, to).</summary>
        public Tensor uniform_(double from, double to) => InPlace(Ops.uniform_, from, to);

        /// <summary>Draws every element: 1 with probability p, else 0.</summary>
        public Tensor bernoulli_(double p = 0.5) => InPlace(Ops.bernoulli__float, p);

        // The operator returns an alias of its first argument, which is dropped.
        Tensor InPlace(Op op)
        {
            op.Run(this);
            return this;
        }

        Tensor InPlace(Op op, Arg a)
        {
            op.Run(this, a);
            return this;
        }

        Tensor InPlace(Op op, Arg a, Arg b)
        {
            op.Run(this, a, b);
            return this;
        }

        Tensor InPlace(Op op, Arg a, Arg b, Arg c)
        {
            op.Run(this, a, b, c);
            return this;
        }

        Tensor InPlace(Op op, Arg a, Arg b, Arg c, Arg d)
        {
            op.Run(this, a, b, c, d);
            return this;
        }
    }
}
