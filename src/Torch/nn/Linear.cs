using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x W^T + b: (..., in_features) -> (..., out_features).</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype)
        : base(nameof(Linear))
    {
        (in_features, out_features) = (inputSize, outputSize);
        weight = new Parameter(empty([outputSize, inputSize], dtype, device));
        nn.init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        register_parameter(nameof(weight), weight);
        if (hasBias)
        {
            bias = new Parameter(empty([outputSize], dtype, device));
            var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
            nn.init.uniform_(bias, -bound, bound);
            register_parameter(nameof(bias), bias);
        }
        RegisterComponents();
    }

    public long in_features { get; }

    public long out_features { get; }

    /// <summary>(out_features, in_features)</summary>
    public Parameter weight { get; }

    /// <summary>(out_features), or null.</summary>
    public Parameter? bias { get; }

    public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);

    // The properties' backing fields are registered above, under their plain names.
    protected internal override void RegisterComponents()
    {
    }
}
