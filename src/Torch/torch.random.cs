using TorchSharp.Interop;

namespace TorchSharp;

// Draws come from the default generator of the device, in PyTorch's order: the same seed gives the same numbers.
public static partial class torch
{
    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    /// <summary>The state of the CPU's default generator, Byte (5056).</summary>
    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>Uniform on [0, 1).</summary>
    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.rand.Call(size, dtype ?? float32, Arg.Default, device), requires_grad);

    public static Tensor rand(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        rand([size], dtype, device, requires_grad);

    public static Tensor rand(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        rand([rows, columns], dtype, device, requires_grad);

    /// <summary>Standard normal.</summary>
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.randn.Call(size, dtype ?? float32, Arg.Default, device), requires_grad);

    public static Tensor randn(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        randn([size], dtype, device, requires_grad);

    public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        randn([rows, columns], dtype, device, requires_grad);

    public static Tensor randn(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        randn([dim0, dim1, dim2], dtype, device, requires_grad);

    /// <summary>Integers from low up to, not including, high; Int64 unless dtype says another.</summary>
    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.randint_low.Call(low, high, size, dtype ?? int64, Arg.Default, device), requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        randint(0, high, size, dtype, device, requires_grad);

    /// <summary>A permutation of 0 .. n-1, Int64.</summary>
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.randperm.Call(n, dtype ?? int64, Arg.Default, device), requires_grad);

    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.rand_like.Call(input, dtype, Arg.Default, device), requires_grad);

    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Leaf(Ops.randn_like.Call(input, dtype, Arg.Default, device), requires_grad);

    public static class random
    {
        /// <summary>Seeds the default generators of all devices.</summary>
        public static Generator manual_seed(long seed)
        {
            NativeMethods.Check(NativeMethods.ts_manual_seed((ulong)seed));
            return Generator.Default;
        }

        /// <summary>The state of the CPU's default generator, Byte (5056): draws after a restore repeat those after the save.</summary>
        public static Tensor get_rng_state() => Generator.Default.get_state();

        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    /// <summary>The default random generator of a device.</summary>
    public sealed unsafe class Generator : IDisposable
    {
        internal Generator(Device device) => this.device = device;

        public static Generator Default { get; } = new(CPU);

        public Device device { get; }

        public Tensor get_state()
        {
            nint h;
            NativeMethods.Check(NativeMethods.ts_rng_get((int)device.type, device.index, &h));
            return new Tensor(h);
        }

        public void set_state(Tensor value)
        {
            var failed = NativeMethods.ts_rng_set((int)device.type, device.index, value.Handle);
            GC.KeepAlive(value);
            NativeMethods.Check(failed);
        }

        /// <summary>Seeds all default generators, this among them.</summary>
        public Generator manual_seed(long seed)
        {
            random.manual_seed(seed);
            return this;
        }

        /// <summary>Does nothing: the generator is libtorch's. There because TorchSharp's has it.</summary>
        public void Dispose()
        {
        }
    }
}
