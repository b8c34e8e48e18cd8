using TorchSharp;

namespace Trainer.Training.Batches;

/// <summary>Memory of a CUDA device as libtorch's allocator holds it, with what lies between tensors.</summary>
/// <param name="device">The device, with its index.</param>
public sealed class DeviceMemoryProbe(torch.Device device) : IMemoryProbe
{
    /// <inheritdoc/>
    public string Device { get; } = CudaDevice.Find(device.index)?.Name ?? $"cuda:{device.index}";

    /// <inheritdoc/>
    public long Capacity { get; } = CudaDevice.Find(device.index)?.TotalMemory ?? throw new TrainerException($"{device} does not tell how much memory it has. Give batches.tuning.memory_bytes.");

    /// <inheritdoc/>
    public void Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TorchRuntime.Synchronize(device);
        TorchRuntime.EmptyCudaCache();
        TorchRuntime.ResetCudaPeak(device.index);
    }

    /// <inheritdoc/>
    public long Peak()
    {
        TorchRuntime.Synchronize(device);
        var (_, peak, reserved) = TorchRuntime.CudaMemory(device.index);
        return Math.Max(peak, reserved);
    }
}
