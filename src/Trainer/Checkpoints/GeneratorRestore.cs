using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>Gives libtorch's generators the states of a checkpoint, and takes them back at its end unless they are to be kept.</summary>
sealed class GeneratorRestore : IDisposable
{
    readonly List<(Generator Generator, Tensor Before)> _changed = [];

    /// <summary>Sets the states.</summary>
    /// <exception cref="TrainerException">One is missing, or none that libtorch takes.</exception>
    public GeneratorRestore(TrainState state, Device device)
    {
        try
        {
            Set(CPU, state.Generator);
            if (device.type != DeviceType.CPU)
            {
                Set(device, state.DeviceGenerator ?? throw new TrainerException("it holds no state of the device's generator"));
            }
        }
        catch (Exception error) when (error is TorchException or ArgumentException or FormatException)
        {
            Dispose();
            throw new TrainerException($"the state of its generator cannot be used: {error.Message}", error);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The states stay.</summary>
    public void Keep() => _changed.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (generator, before) in _changed)
        {
            generator.set_state(before);
        }

        _changed.Clear();
    }

    void Set(Device device, string text)
    {
        var generator = TorchRuntime.DefaultGenerator(device);
        var before = generator.get_state();
        generator.set_state(tensor(Convert.FromBase64String(text)));
        _changed.Add((generator, before));
    }
}
