using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>An AdamW update in one pass over memory, of the same bits as the list operations it stands for.</summary>
static unsafe class FusedAdamW
{
    /// <summary>Whether all are contiguous Float32 tensors on the CPU.</summary>
    public static bool Fits(torch.Tensor[] tensors) => Array.TrueForAll(tensors, t => t.device_type == DeviceType.CPU && t.dtype == torch.ScalarType.Float32 && t.is_contiguous());

    /// <summary>w = w decay + step m / (√v / correction + ε) after m = β1 m + (1 - β1) g and v = β2 v + (1 - β2) g².</summary>
    public static void Step(
        torch.Tensor[] weights, torch.Tensor[] gradients, torch.Tensor[] averages, torch.Tensor[] squares, double decay, double beta1, double beta2, double epsilon,
        double[] steps, double[] corrections)
    {
        var (w, g, m, v) = (Handles(weights), Handles(gradients), Handles(averages), Handles(squares));
        int failed;
        fixed (nint* wp = w, gp = g, mp = m, vp = v)
        fixed (double* s = steps, c = corrections)
        {
            failed = FusedMethods.ts_fused_adamw(wp, gp, mp, vp, w.Length, decay, beta1, beta2, epsilon, s, c);
        }

        GC.KeepAlive((weights, gradients, averages, squares));
        NativeMethods.Check(failed);
    }

    static nint[] Handles(torch.Tensor[] tensors) => Array.ConvertAll(tensors, t => t.Handle);
}
