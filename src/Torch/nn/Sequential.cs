using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after the other.</summary>
public sealed class Sequential : nn.Module<Tensor, Tensor>
{
    readonly List<nn.Module<Tensor, Tensor>> steps = [];

    internal Sequential(IEnumerable<(string Name, nn.Module<Tensor, Tensor> Module)> modules)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
        {
            register_module(name, module);
            steps.Add(module);
        }
    }

    public int Count => steps.Count;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var step in steps)
        {
            x = step.call(x);
        }
        return x == input ? input : x.MoveToOuterDisposeScope();
    }

    protected internal override void RegisterComponents()
    {
    }
}
