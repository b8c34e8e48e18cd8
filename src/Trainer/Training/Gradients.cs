using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>Gradients of parameters, taken together.</summary>
static class Gradients
{
    /// <summary>Norm over all gradients; where it is above <paramref name="most"/>, they are scaled down to it.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="most">Largest norm, or null.</param>
    /// <returns>The norm before.</returns>
    public static double Clip(IEnumerable<Parameter> parameters, double? most)
    {
        if (most is { } limit)
        {
            return nn.utils.clip_grad_norm_(parameters, limit);
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var norms = parameters.Select(p => p.grad).OfType<Tensor>().Select(g => g.norm()).ToArray();
        // One copy from the device, not one per parameter.
        return norms.Length == 0 ? 0 : Math.Sqrt(stack(norms).cpu().data<float>().ToArray().Sum(n => (double)n * n));
    }
}
