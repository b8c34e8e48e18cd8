using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Training.Caching;

/// <summary>Puts the generators of the CPU and of a device back to where they were, at its end: what a step draws by seeds of its own leaves no trace.</summary>
sealed class GeneratorStates : IDisposable
{
    readonly IReadOnlyList<(Generator Generator, Tensor State)> _states;

    /// <param name="device">Whose generator, beside the CPU's.</param>
    public GeneratorStates(Device device)
    {
        Generator[] generators = device.type == DeviceType.CPU ? [Generator.Default] : [Generator.Default, TorchRuntime.DefaultGenerator(device)];
        _states = [.. generators.Select(g => (g, g.get_state().DetachFromDisposeScope()))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (generator, state) in _states)
        {
            generator.set_state(state);
            state.Dispose();
        }
    }
}
