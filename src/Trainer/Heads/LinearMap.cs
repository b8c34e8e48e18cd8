using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Heads;

/// <summary>y = x W^T + b, with W (out, in) and b (out) or none.</summary>
sealed class LinearMap(Parameter weight, Parameter? bias) : IDisposable
{
    public Parameter Weight => weight;

    public Parameter? Bias => bias;

    public int Inputs => (int)weight.shape[1];

    public int Outputs => (int)weight.shape[0];

    /// <summary>A new one, with the values that PyTorch's Linear draws: both uniform within 1 / sqrt(in).</summary>
    public static LinearMap Create(int inputs, int outputs, bool bias = true)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var bound = 1 / Math.Sqrt(inputs);
        var weights = nn.init.kaiming_uniform_(zeros(outputs, inputs), a: Math.Sqrt(5));
        return new LinearMap(new Parameter(weights), bias ? new Parameter(nn.init.uniform_(zeros(outputs), -bound, bound)) : null);
    }

    /// <summary>A new one: weights normal with a deviation, biases 0.</summary>
    public static LinearMap Normal(int inputs, int outputs, double deviation)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        return new LinearMap(new Parameter(randn(outputs, inputs) * deviation), new Parameter(zeros(outputs)));
    }

    /// <summary>One of a file, whose names are <c>prefix.weight</c> and <c>prefix.bias</c>.</summary>
    /// <exception cref="TrainerException">A tensor is missing or of another shape.</exception>
    public static LinearMap Read(WeightFile file, string prefix, int inputs, int? outputs = null, bool bias = true)
    {
        using var scope = NewDisposeScope();
        var rows = outputs ?? file.Rows(prefix + "weight");
        var weights = tensor(file.Floats(prefix + "weight", rows, inputs), [rows, inputs]);
        return new LinearMap(new Parameter(weights), bias ? new Parameter(tensor(file.Floats(prefix + "bias", rows))) : null);
    }

    public Tensor Apply(Tensor x) => F.linear(x, weight, bias);

    public IEnumerable<(string Name, Parameter Value)> Parameters(string prefix)
    {
        yield return (prefix + "weight", weight);
        if (bias is not null)
        {
            yield return (prefix + "bias", bias);
        }
    }

    public void Dispose()
    {
        weight.Dispose();
        bias?.Dispose();
    }
}
