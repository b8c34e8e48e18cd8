namespace TorchSharp.Interop;

/// <summary>Switches of libtorch's context; the numbers are the shim's.</summary>
enum Switch
{
    Tf32Matmul,
    Tf32Cudnn,
    FlashAttention,
    EfficientAttention,
    MathAttention,
    CudnnAttention,
}

/// <summary>Reads and sets a switch; one that this libtorch lacks reads false and cannot be set true.</summary>
static unsafe class Switches
{
    public static bool Get(Switch which)
    {
        int on;
        NativeMethods.Check(NativeMethods.ts_get_switch((int)which, &on));
        return on != 0;
    }

    public static void Set(Switch which, bool on) => NativeMethods.Check(NativeMethods.ts_set_switch((int)which, on ? 1 : 0));
}
