using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>Number of dimensions.</summary>
        public long ndim
        {
            get
            {
                var n = NativeMethods.ts_dim(Handle);
                GC.KeepAlive(this);
                return n;
            }
        }

        /// <summary>Sizes of the dimensions.</summary>
        public long[] shape
        {
            get
            {
                var s = new long[ndim];
                fixed (long* p = s)
                {
                    NativeMethods.ts_sizes(Handle, p);
                }
                GC.KeepAlive(this);
                return s;
            }
        }

        /// <summary>Type of the elements.</summary>
        public ScalarType dtype
        {
            get
            {
                var t = (ScalarType)NativeMethods.ts_dtype(Handle);
                GC.KeepAlive(this);
                return t;
            }
        }

        /// <summary>Where the elements are.</summary>
        public Device device
        {
            get
            {
                int index;
                var type = (DeviceType)NativeMethods.ts_device(Handle, &index);
                GC.KeepAlive(this);
                return type == DeviceType.CPU ? CPU : new Device(type, index);
            }
        }

        public DeviceType device_type => device.type;

        public bool is_cuda => device.type == DeviceType.CUDA;

        /// <summary>Whether this is a leaf of the autograd graph: made by the user, or without gradient.</summary>
        public bool is_leaf
        {
            get
            {
                var leaf = NativeMethods.ts_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return leaf;
            }
        }

        public long dim() => ndim;

        public long Dimensions => ndim;

        /// <summary>Number of elements.</summary>
        public long numel()
        {
            var n = NativeMethods.ts_numel(Handle);
            GC.KeepAlive(this);
            return n;
        }

        public long NumberOfElements => numel();

        /// <summary>Size of one dimension; negative counts from the last.</summary>
        public long size(int dim)
        {
            var s = shape;
            var at = dim < 0 ? dim + s.Length : dim;
            return at >= 0 && at < s.Length
                ? s[at]
                : throw new ArgumentOutOfRangeException(nameof(dim), dim, $"the tensor has {s.Length} dimension(s): ({string.Join(", ", s)})");
        }

        public long[] size() => shape;

        /// <summary>Elements between neighbours along each dimension.</summary>
        public long[] stride()
        {
            var s = new long[ndim];
            fixed (long* p = s)
            {
                NativeMethods.ts_strides(Handle, p);
            }
            GC.KeepAlive(this);
            return s;
        }

        /// <summary>Whether the elements lie in row-major order without gaps.</summary>
        public bool is_contiguous()
        {
            var c = NativeMethods.ts_is_contiguous(Handle) != 0;
            GC.KeepAlive(this);
            return c;
        }

        public long element_size() => ElementBytes(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public override string ToString() =>
            IsInvalid ? "Tensor (disposed)" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
    }
}
