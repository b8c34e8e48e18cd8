namespace TorchSharp;

/// <summary>
/// Brings CPU tensors to a device. On CUDA they are copied to pinned memory, which the device reads by itself, and from there on a stream of their own, so that the copy of a
/// batch runs beside the work on the last one. On the CPU nothing is copied. One thread uses it.
/// </summary>
public sealed class DeviceTransfer
{
    readonly DeviceStream? side;

    /// <param name="device">Where tensors go.</param>
    /// <exception cref="TorchException">There is no such device.</exception>
    public DeviceTransfer(torch.Device device)
    {
        Device = device;
        side = device.type == DeviceType.CUDA ? DeviceStream.FromPool(device) : null;
    }

    /// <summary>Where tensors go.</summary>
    public torch.Device Device { get; }

    /// <summary>Starts a copy; work put on the current stream from now on waits for it, the CPU does not.</summary>
    /// <param name="host">A tensor on the CPU; may be disposed at once.</param>
    /// <returns>The tensor on the device; where that is the CPU, another handle of the same one.</returns>
    public torch.Tensor Send(torch.Tensor host)
    {
        if (side is null)
        {
            return host.alias();
        }
        using var pinned = host.is_pinned() ? host.alias() : host.pin_memory();
        torch.Tensor sent;
        // libtorch keeps pinned memory until the copies that read it are done: its pool records an event on the stream of the copy.
        using (side.Use())
        {
            sent = pinned.to(Device, non_blocking: true);
        }
        var current = DeviceStream.Current(Device);
        current.WaitFor(side);
        current.Uses(sent);
        return sent;
    }
}
