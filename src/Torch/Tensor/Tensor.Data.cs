using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>The elements, to read and write from managed code; the tensor must be on the CPU and of the type.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged => new(this);

        /// <summary>The only element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            var want = TypeOf<T>();
            if (want != dtype)
            {
                throw new ArgumentException($"item<{typeof(T).Name}> of a tensor of {dtype}: expected a tensor of {want}, or ToDouble, ToInt64 and the like, which convert.");
            }
            var s = ToScalar();
            var (d, i) = (s.ToDouble(), s.ToInt64());
            T result = default;
            var p = &result;
            switch (want)
            {
                case ScalarType.Float32: *(float*)p = (float)d; break;
                case ScalarType.Float64: *(double*)p = d; break;
                case ScalarType.Float16: *(Half*)p = (Half)d; break;
                case ScalarType.Int64: *(long*)p = i; break;
                case ScalarType.Int32: *(int*)p = (int)i; break;
                case ScalarType.Int16: *(short*)p = (short)i; break;
                default: *(byte*)p = (byte)i; break;
            }
            return result;
        }

        /// <summary>The only element, as a number; waits for the device.</summary>
        public Scalar ToScalar()
        {
            double d;
            long i;
            int isInt;
            var failed = NativeMethods.ts_item(Handle, &d, &i, &isInt);
            GC.KeepAlive(this);
            NativeMethods.Check(failed);
            return isInt != 0 ? Scalar.OfInteger(i) : d;
        }

        public double ToDouble() => ToScalar().ToDouble();

        public float ToSingle() => ToScalar().ToSingle();

        public long ToInt64() => ToScalar().ToInt64();

        public int ToInt32() => ToScalar().ToInt32();

        public bool ToBoolean() => ToScalar().ToBoolean();

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        /// <summary>The storage of a contiguous CPU tensor as bytes, without a copy; the tensor must outlive the span's use.</summary>
        public Span<byte> bytes
        {
            get
            {
                RequireCpu();
                if (!is_contiguous())
                {
                    throw new InvalidOperationException("The bytes of a tensor that is not contiguous have no order: call contiguous() first.");
                }
                var length = checked((int)(numel() * element_size()));
                return length == 0 ? [] : new Span<byte>(Pointer(), length);
            }
            set
            {
                var target = bytes;
                if (value.Length != target.Length)
                {
                    throw new ArgumentException($"{value.Length} bytes were given for a tensor of {target.Length}.", nameof(value));
                }
                value.CopyTo(target);
            }
        }

        /// <summary>Copies the elements in row-major order; the tensor may be on any device and need not be contiguous.</summary>
        /// <exception cref="ArgumentException">The type differs from <see cref="dtype"/>, or the target is too small.</exception>
        internal void CopyTo<T>(Span<T> target)
            where T : unmanaged
        {
            if (TypeOf<T>() != dtype)
            {
                throw new ArgumentException($"The tensor holds {dtype}, not {typeof(T).Name}.");
            }
            if (target.Length < numel())
            {
                throw new ArgumentException($"The tensor has {numel()} elements, the target {target.Length}.");
            }
            if (device_type == DeviceType.CPU && is_contiguous())
            {
                new ReadOnlySpan<T>(Pointer(), checked((int)numel())).CopyTo(target);
                GC.KeepAlive(this);
                return;
            }
            using var plain = Ops.to_dtype_layout.Call(this, dtype, Arg.Default, CPU);
            using var packed = plain.contiguous();
            new ReadOnlySpan<T>(packed.Pointer(), checked((int)numel())).CopyTo(target);
            GC.KeepAlive(packed);
        }

        /// <summary>The address of the first element.</summary>
        internal void* Pointer()
        {
            var p = NativeMethods.ts_data(Handle);
            GC.KeepAlive(this);
            return p;
        }

        internal void RequireCpu()
        {
            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException($"The elements of a tensor on {device} cannot be read in place: call cpu() first.");
            }
        }

        /// <summary>Makes a CPU tensor with a copy of the data.</summary>
        internal static Tensor FromData<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> sizes, ScalarType type)
            where T : unmanaged
        {
            long n = 1;
            foreach (var s in sizes)
            {
                n = checked(n * s);
            }
            if (n * ElementBytes(type) != (long)values.Length * Unsafe.SizeOf<T>())
            {
                throw new ArgumentException($"{values.Length} values were given for a tensor of shape ({string.Join(", ", sizes.ToArray())}), which has {n} elements.");
            }
            nint h;
            int failed;
            fixed (byte* p = MemoryMarshal.AsBytes(values))
            fixed (long* s = sizes)
            {
                failed = NativeMethods.ts_from_data(p, s, sizes.Length, (int)type, &h);
            }
            NativeMethods.Check(failed);
            return new Tensor(h);
        }
    }
}
