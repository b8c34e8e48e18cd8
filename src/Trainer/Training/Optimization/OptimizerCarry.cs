using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Training.Optimization;

/// <summary>Hands AdamW's state on where groups change from one phase to the next.</summary>
public static class OptimizerCarry
{
    /// <summary>Copies running means and counts of the parameters that both have; what was frozen before begins at nothing.</summary>
    /// <returns>Parameters whose state was carried.</returns>
    public static int Carry(AdamW from, AdamW to)
    {
        using var constant = no_grad();
        var states = new Dictionary<object, AdamW.State>(ReferenceEqualityComparer.Instance);
        foreach (var (parameter, state) in from.parameters().Zip(from.state_dict().State))
        {
            states.Add(parameter, state);
        }

        var carried = 0;
        foreach (var (parameter, state) in to.parameters().Zip(to.state_dict().State))
        {
            if (states.TryGetValue(parameter, out var before))
            {
                state.step = before.step;
                state.exp_avg.copy_(before.exp_avg);
                state.exp_avg_sq.copy_(before.exp_avg_sq);
                carried++;
            }
        }

        return carried;
    }
}
