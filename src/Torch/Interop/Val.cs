using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The kinds of a <see cref="Val"/>; the numbers are the shim's.</summary>
enum Tag
{
    Default,
    None,
    Tensor,
    Int,
    Double,
    Bool,
    String,
    Device,
    Ints,
    Doubles,
    Bools,
    Tensors,
    OptTensors,
    Scalars,
}

/// <summary>One argument or result as the shim sees it: 16 bytes, blittable.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
struct Val
{
    [FieldOffset(0)] public Tag Tag;
    [FieldOffset(4)] public int N;
    [FieldOffset(8)] public long I;
    [FieldOffset(8)] public double D;
    [FieldOffset(8)] public nint P;
}
