using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>Sets this thread's inference mode until disposed.</summary>
public sealed class InferenceMode : IDisposable
{
    nint guard;

    public InferenceMode(bool mode) => guard = NativeMethods.ts_inference_enter(mode ? 1 : 0);

    public static bool IsEnabled => NativeMethods.ts_inference_mode() != 0;

    public void Dispose()
    {
        if (guard != 0)
        {
            NativeMethods.ts_inference_exit(guard);
            guard = 0;
        }
    }
}
