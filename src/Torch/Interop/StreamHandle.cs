using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>A stream as the shim sees it: 16 bytes, blittable.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly struct StreamHandle
{
    public readonly long Id;
    public readonly int Type;
    public readonly int Index;
}
