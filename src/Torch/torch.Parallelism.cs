using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// Sets how many threads one operator uses, on every thread that calls one from now on. Results may differ in the last bits between
    /// counts, so a reproducible run sets it; Debian's libtorch starts with 1.
    /// </summary>
    public static void set_num_threads(int num) => NativeMethods.Check(NativeMethods.ts_set_threads(num));

    public static int get_num_threads() => NativeMethods.ts_get_threads();

    public static bool cuda_is_available() => cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => NativeMethods.ts_cuda_available() != 0;

        public static int device_count() => NativeMethods.ts_cuda_count();

        /// <summary>Waits for all work on the device; -1 is the current one.</summary>
        public static void synchronize(long device_index = -1) => NativeMethods.Check(NativeMethods.ts_cuda_synchronize((int)device_index));

        public static void manual_seed(long seed) => random.manual_seed(seed);
    }
}
