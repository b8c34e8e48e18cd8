using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Zeroes each element with probability p while training and scales the rest by 1 / (1 - p).</summary>
public sealed class Dropout : nn.Module<Tensor, Tensor>
{
    internal Dropout(double p)
        : base(nameof(Dropout)) => this.p = p;

    /// <summary>The probability of zero.</summary>
    public double p { get; set; }

    public override Tensor forward(Tensor input) => nn.functional.dropout(input, p, training);
}
