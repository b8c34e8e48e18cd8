namespace TorchSharp;

/// <summary>Brings tensors made on the CPU to where they are used.</summary>
public static class HostTensors
{
    /// <summary>
    /// The tensor on a device. For CUDA it is copied from pinned memory and the CPU does not wait: work that is put on the current stream afterwards does. On the CPU it is another
    /// handle of the same tensor. See <see cref="DeviceTransfer"/> for copies beside the current stream.
    /// </summary>
    public static torch.Tensor OnDevice(this torch.Tensor host, torch.Device device)
    {
        if (device.type != DeviceType.CUDA || host.is_cuda)
        {
            return host.to(device);
        }
        // libtorch's pool of pinned memory gives the block away only after the copy is done.
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
