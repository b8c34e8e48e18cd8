using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Mean 0 and variance 1 over the last dimensions, then scale and shift.</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    internal LayerNorm(long[] normalizedShape, double eps, bool affine, bool hasBias, Device? device, ScalarType? dtype)
        : base(nameof(LayerNorm))
    {
        (normalized_shape, this.eps) = (normalizedShape, eps);
        if (!affine)
        {
            return;
        }
        weight = new Parameter(ones(normalizedShape, dtype, device));
        register_parameter(nameof(weight), weight);
        if (hasBias)
        {
            bias = new Parameter(zeros(normalizedShape, dtype, device));
            register_parameter(nameof(bias), bias);
        }
    }

    public long[] normalized_shape { get; }

    public double eps { get; }

    public Parameter? weight { get; }

    public Parameter? bias { get; }

    public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, normalized_shape, weight, bias, eps);

    protected internal override void RegisterComponents()
    {
    }
}
