using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Views and copies of other shape. A view shares the storage.
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Ops.view.Call(this, shape);

        public Tensor view_as(Tensor other) => view(other.shape);

        /// <summary>A view where the strides allow one, else a copy.</summary>
        public Tensor reshape(params long[] shape) => Ops.reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Ops.flatten_using_ints.Call(this, start_dim, end_dim);

        public Tensor transpose(long dim0, long dim1) => Ops.transpose_int.Call(this, dim0, dim1);

        public Tensor t() => Ops.t.Call(this);

        /// <summary>The transpose of a matrix.</summary>
        public Tensor T => t();

        /// <summary>The last two dimensions swapped.</summary>
        public Tensor mT => transpose(-2, -1);

        public Tensor permute(params long[] permutation) => Ops.permute.Call(this, permutation);

        public Tensor unsqueeze(long dim) => Ops.unsqueeze.Call(this, dim);

        public Tensor squeeze(long? dim = null) => dim is null ? Ops.squeeze.Call(this) : Ops.squeeze_dim.Call(this, dim.Value);

        public Tensor expand(params long[] sizes) => Ops.expand.Call(this, sizes);

        public Tensor expand_as(Tensor other) => expand(other.shape);

        public Tensor repeat(params long[] sizes) => Ops.repeat.Call(this, sizes);

        public Tensor repeat_interleave(long repeats, long? dim = null) => Ops.repeat_interleave_self_int.Call(this, repeats, dim);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null) => Ops.repeat_interleave_self_Tensor.Call(this, repeats, dim);

        public Tensor flip(params long[] dims) => Ops.flip.Call(this, dims);

        public Tensor narrow(long dim, long start, long length) => Ops.narrow.Call(this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => Ops.slice_Tensor.Call(this, dim, start, finish, step);

        public Tensor select(long dim, long index) => Ops.select_int.Call(this, dim, index);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Ops.diagonal.Call(this, offset, dim1, dim2);

        /// <summary>A matrix's diagonal, or the matrix with this vector on it.</summary>
        public Tensor diag(long diagonal = 0) => Ops.diag.Call(this, diagonal);

        public Tensor triu(long diagonal = 0) => Ops.triu.Call(this, diagonal);

        public Tensor tril(long diagonal = 0) => Ops.tril.Call(this, diagonal);

        public Tensor[] chunk(long chunks, long dim = 0) => Ops.chunk.CallList(this, chunks, dim);

        public Tensor[] split(long size, int dim = 0) => Ops.split_Tensor.CallList(this, size, dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Ops.split_with_sizes.CallList(this, sizes, dim);

        public Tensor[] unbind(long dimension = 0) => Ops.unbind_int.CallList(this, dimension);

        public Tensor contiguous() => Ops.contiguous.Call(this);

        public Tensor clone() => Ops.clone.Call(this);

        /// <summary>A view outside the autograd graph.</summary>
        public Tensor detach() => Ops.detach.Call(this);

        /// <summary>Another handle of the same tensor.</summary>
        public Tensor alias() => Ops.alias.Call(this);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, Arg.Default, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(Arg.Default, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, device, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(type, copy, disposeAfter, non_blocking);

        public Tensor type_as(Tensor tensor) => to(tensor.dtype);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);

        /// <summary>A copy in page-locked memory, which a device reads by itself; needs a CUDA device.</summary>
        public Tensor pin_memory() => Ops.pin_memory.Call(this);

        public bool is_pinned() => Ops.is_pinned.CallBool(this);

        public Tensor @float() => to(ScalarType.Float32);

        public Tensor @double() => to(ScalarType.Float64);

        public Tensor bfloat16() => to(ScalarType.BFloat16);

        public Tensor half() => to(ScalarType.Float16);

        public Tensor @long() => to(ScalarType.Int64);

        public Tensor @int() => to(ScalarType.Int32);

        public Tensor @bool() => to(ScalarType.Bool);

        // As in PyTorch the result may be the tensor itself; it is then another handle of it, so that each is disposed once.
        Tensor Convert(Arg type, Arg device, bool copy, bool disposeAfter, bool nonBlocking)
        {
            var result = Ops.to_dtype_layout.Call(this, type, Arg.Default, device, Arg.Default, nonBlocking, copy);
            if (disposeAfter)
            {
                Dispose();
            }
            return result;
        }
    }
}
