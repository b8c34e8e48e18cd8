using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The shim's functions of fused layers, as Native/fused_api.h declares them.</summary>
static unsafe class FusedMethods
{
    const string Lib = ShimLoader.Library;

    [DllImport(Lib)]
    public static extern int ts_fused_embed(
        nint tokens, nint positions, nint types, nint gamma, nint beta, long* ids, long* places, long* kinds, long rows, double epsilon, double dropout, long skipToken, long skipPosition, nint* result);

    [DllImport(Lib)]
    public static extern int ts_fused_layer(
        nint x, long* offsets, long texts, nint* weights, long heads, double epsilon, double hiddenDropout, double attentionDropout, int shorter, int recompute, nint* result);

    [DllImport(Lib)]
    public static extern int ts_fused_adamw(
        nint* weights, nint* gradients, nint* averages, nint* squares, int n, double decay, double beta1, double beta2, double epsilon, double* steps, double* corrections);
}
