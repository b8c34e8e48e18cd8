using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Elements and slices chosen by other tensors.
    public partial class Tensor
    {
        /// <summary>Elements at index along dim; index has the result's shape.</summary>
        public Tensor gather(long dim, Tensor index) => Ops.gather.Call(this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Ops.scatter_src.Call(this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Ops.scatter_add.Call(this, dim, index, src);

        /// <summary>Slices at a vector of positions along dim.</summary>
        public Tensor index_select(long dim, Tensor index) => Ops.index_select.Call(this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Ops.index_add.Call(this, dim, index, source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) => Ops.index_copy.Call(this, dim, index, source);

        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.masked_fill_Scalar.Call(this, mask, value);

        /// <summary>The elements where the mask holds, as a vector.</summary>
        public Tensor masked_select(Tensor mask) => Ops.masked_select.Call(this, mask);

        /// <summary>Draws indices with probability proportional to the elements of each row.</summary>
        public Tensor multinomial(long num_samples, bool replacement = false) => Ops.multinomial.Call(this, num_samples, replacement);

        /// <summary>Draws 1 with each element's probability, else 0.</summary>
        public Tensor bernoulli() => Ops.bernoulli.Call(this);
    }
}
