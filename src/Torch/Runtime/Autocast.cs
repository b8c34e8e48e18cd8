using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// Runs matrix products of this thread in a shorter type until disposed, as PyTorch's torch.autocast: weights stay as they are, losses and
/// sums keep Float32. Casts of weights are cached until the outermost autocast ends.
/// </summary>
public sealed unsafe class Autocast : IDisposable
{
    readonly int device;
    readonly int wasOn;
    readonly int wasType;
    bool disposed;

    /// <param name="device">CPU or CUDA.</param>
    /// <param name="type">BFloat16, or on CUDA also Float16.</param>
    /// <param name="enabled">False switches an autocast around this one off.</param>
    public Autocast(DeviceType device, torch.ScalarType type = torch.ScalarType.BFloat16, bool enabled = true)
    {
        if (device is not (DeviceType.CPU or DeviceType.CUDA))
        {
            throw new ArgumentException($"Autocast works on CPU and CUDA, not on {device}.", nameof(device));
        }
        if (type != torch.ScalarType.BFloat16 && !(type == torch.ScalarType.Float16 && device == DeviceType.CUDA))
        {
            throw new ArgumentException($"Autocast to {type} on {device}: expected BFloat16, or Float16 on CUDA.", nameof(type));
        }
        this.device = (int)device;
        int on, before;
        NativeMethods.Check(NativeMethods.ts_autocast_enter(this.device, enabled ? 1 : 0, (int)type, &on, &before));
        (wasOn, wasType) = (on, before);
    }

    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            NativeMethods.Check(NativeMethods.ts_autocast_exit(device, wasOn, wasType));
        }
    }
}
