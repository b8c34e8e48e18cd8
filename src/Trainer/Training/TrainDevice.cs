using TorchSharp;
using TorchSharp.Modules;

namespace Trainer.Training;

/// <summary>Where a training runs.</summary>
public static class TrainDevice
{
    /// <summary>Finds the device that the options name, sets how it multiplies, and moves the parameters to it. An optimizer made afterwards has its state there too.</summary>
    /// <param name="options">Options of the training.</param>
    /// <param name="parameters">Moved in place; what made them keeps them.</param>
    /// <returns>The device, with its index.</returns>
    /// <exception cref="TrainerException">There is no such device, or it has no room for the parameters; the message says what there is.</exception>
    public static torch.Device Prepare(TrainOptions options, IReadOnlyList<Parameter> parameters)
    {
        try
        {
            var device = TorchRuntime.Require(new torch.Device(options.Device));
            if (device.type == DeviceType.CUDA)
            {
                torch.backends.cuda.matmul.allow_tf32 = options.Tf32;
                torch.backends.cudnn.allow_tf32 = options.Tf32;
            }

            parameters.MoveTo(device);
            return device;
        }
        catch (TorchOutOfMemoryException error)
        {
            var bytes = parameters.Sum(p => p.numel() * p.element_size());
            throw new TrainerException($"{options.Device} has no room for the model's {DeviceMemory.Text(bytes)} of weights: {error.Message}", error);
        }
        catch (Exception error) when (error is TorchException or ArgumentException)
        {
            throw new TrainerException($"device '{options.Device}' cannot be used: {error.Message}", error);
        }
    }
}
