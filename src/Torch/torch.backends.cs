using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Switches of the libraries behind operators.</summary>
    public static class backends
    {
        /// <summary>Switches of CUDA's own products.</summary>
        public static class cuda
        {
            /// <summary>Whether the shim was built against a CUDA libtorch; a device may still be missing.</summary>
            public static bool is_built() => NativeMethods.ts_cuda_built() != 0;

            /// <summary>Lets attention use the flash kernels (16-bit types, no mask).</summary>
            public static void enable_flash_sdp(bool enabled) => Switches.Set(Switch.FlashAttention, enabled);

            public static bool flash_sdp_enabled() => Switches.Get(Switch.FlashAttention);

            /// <summary>Lets attention use the memory-efficient kernels (masks too); libtorch 2.0 and later.</summary>
            public static void enable_mem_efficient_sdp(bool enabled) => Switches.Set(Switch.EfficientAttention, enabled);

            public static bool mem_efficient_sdp_enabled() => Switches.Get(Switch.EfficientAttention);

            /// <summary>Lets attention use the explicit formula.</summary>
            public static void enable_math_sdp(bool enabled) => Switches.Set(Switch.MathAttention, enabled);

            public static bool math_sdp_enabled() => Switches.Get(Switch.MathAttention);

            /// <summary>Lets attention use cuDNN's kernels; libtorch 2.4 and later.</summary>
            public static void enable_cudnn_sdp(bool enabled) => Switches.Set(Switch.CudnnAttention, enabled);

            public static bool cudnn_sdp_enabled() => Switches.Get(Switch.CudnnAttention);

            /// <summary>Matrix products.</summary>
            public static class matmul
            {
                /// <summary>
                /// Whether Float32 products on Ampere and later round their inputs to TF32 (10 bits of mantissa): several times faster, about three decimals.
                /// </summary>
                /// <value>Default: false.</value>
                public static bool allow_tf32
                {
                    get => Switches.Get(Switch.Tf32Matmul);
                    set => Switches.Set(Switch.Tf32Matmul, value);
                }
            }
        }

        /// <summary>Switches of cuDNN.</summary>
        public static class cudnn
        {
            /// <summary>Whether cuDNN may round Float32 inputs to TF32.</summary>
            /// <value>Default: true.</value>
            public static bool allow_tf32
            {
                get => Switches.Get(Switch.Tf32Cudnn);
                set => Switches.Set(Switch.Tf32Cudnn, value);
            }
        }
    }
}
