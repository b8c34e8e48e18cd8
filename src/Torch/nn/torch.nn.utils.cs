using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>
            /// Scales all gradients so that their norm, taken over them together, is at most max_norm; returns the norm before.
            /// Parameters without gradient are left out.
            /// </summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var none = no_grad();
                using var scope = NewDisposeScope();
                Tensor[] grads = [.. tensors.Select(p => p.grad).OfType<Tensor>()];
                if (grads.Length == 0)
                {
                    return 0;
                }
                var device = grads[0].device;
                var norms = stack(grads.Select(g => Ops.norm_Scalar.Call(g, (Scalar)norm_type).to(device)));
                var total = Ops.norm_Scalar.Call(norms, (Scalar)norm_type);
                var scale = (max_norm / (total + 1e-6)).clamp_max(1.0);
                foreach (var g in grads)
                {
                    g.mul_(scale.to(g.device));
                }
                return total.ToDouble();
            }
        }
    }
}
