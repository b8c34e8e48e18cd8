using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x * Phi(x) (Hendrycks and Gimpel, arXiv:1606.08415).</summary>
public sealed class GELU : nn.Module<Tensor, Tensor>
{
    readonly Approximate approximate;

    internal GELU(Approximate approximate)
        : base(nameof(GELU)) => this.approximate = approximate;

    /// <summary>The exact function, or its tanh approximation.</summary>
    public enum Approximate
    {
        none,
        tanh,
    }

    public override Tensor forward(Tensor input) => input.gelu(approximate);
}
