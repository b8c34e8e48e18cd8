using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>One call for a list of tensors: what an optimizer or an average of weights does to all parameters at once.</summary>
public static class Foreach
{
    /// <summary>targets[i] *= factor</summary>
    public static void Multiply(torch.Tensor[] targets, double factor) => Ops._foreach_mul__Scalar.Run(targets, (Scalar)factor);

    /// <summary>targets[i] += alpha * others[i]</summary>
    public static void Add(torch.Tensor[] targets, torch.Tensor[] others, double alpha = 1) => Ops._foreach_add__List.Run(targets, others, (Scalar)alpha);

    /// <summary>The 2-norm of each tensor.</summary>
    public static torch.Tensor[] Norms(torch.Tensor[] tensors) => Ops._foreach_norm_Scalar.CallList(tensors);

    public static void Zero(torch.Tensor[] targets) => Ops._foreach_zero_.Run(targets);
}
