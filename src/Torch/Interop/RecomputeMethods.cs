using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The shim's functions of activation checkpointing, as Native/recompute_api.h declares them.</summary>
static unsafe class RecomputeMethods
{
    const string Lib = ShimLoader.Library;

    [DllImport(Lib)]
    public static extern int ts_recompute(
        nint x, nint* parameters, int n, delegate* unmanaged<nint, nint, int, nint*, int> body, delegate* unmanaged<nint, void> release, nint context, nint* y);

    [DllImport(Lib)] public static extern void ts_set_error(byte* text);
}
