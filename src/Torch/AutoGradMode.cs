using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>Sets this thread's gradient mode until disposed.</summary>
public sealed class AutoGradMode : IDisposable
{
    readonly bool before;

    public AutoGradMode(bool enabled)
    {
        before = IsEnabled;
        NativeMethods.ts_set_grad_mode(enabled ? 1 : 0);
    }

    public static bool IsEnabled => NativeMethods.ts_grad_mode() != 0;

    public void Dispose() => NativeMethods.ts_set_grad_mode(before ? 1 : 0);
}
