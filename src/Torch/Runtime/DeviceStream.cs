using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// A queue of a device's work. Work of one stream runs in order; work of two runs side by side unless one waits for the other. Kernels and copies go to the current stream of
/// the calling thread. Streams come from libtorch's pool and are never freed.
/// </summary>
public sealed unsafe class DeviceStream
{
    readonly StreamHandle handle;

    DeviceStream(StreamHandle handle) => this.handle = handle;

    /// <summary>The device.</summary>
    public torch.Device Device => new((DeviceType)handle.Type, handle.Index);

    /// <summary>The stream that this thread's work on a device goes to.</summary>
    /// <exception cref="TorchException">There is no such device.</exception>
    public static DeviceStream Current(torch.Device device)
    {
        StreamHandle s;
        NativeMethods.Check(NativeMethods.ts_stream_current((int)device.type, device.index, &s));
        return new DeviceStream(s);
    }

    /// <summary>A stream beside the current one, from the pool.</summary>
    /// <exception cref="TorchException">There is no such device, or it knows no streams (the CPU).</exception>
    public static DeviceStream FromPool(torch.Device device)
    {
        StreamHandle s;
        NativeMethods.Check(NativeMethods.ts_stream_new((int)device.type, device.index, &s));
        return new DeviceStream(s);
    }

    /// <summary>Makes this the thread's current stream until the result is disposed.</summary>
    public IDisposable Use()
    {
        StreamHandle before;
        var own = handle;
        NativeMethods.Check(NativeMethods.ts_stream_set(&own, &before));
        return new Restore(before);
    }

    /// <summary>Waits, on the CPU, until all its work is done.</summary>
    public void Synchronize()
    {
        var own = handle;
        NativeMethods.Check(NativeMethods.ts_stream_synchronize(&own));
    }

    /// <summary>Holds work that is put on this stream from now on back until the work that <paramref name="other"/> has now is done; the CPU goes on.</summary>
    public void WaitFor(DeviceStream other)
    {
        StreamHandle own = handle, its = other.handle;
        NativeMethods.Check(NativeMethods.ts_stream_wait(&own, &its));
    }

    /// <summary>Tells the allocator that this stream reads a tensor made on another one, so that its memory is not given away while work is pending.</summary>
    public void Uses(torch.Tensor tensor)
    {
        var own = handle;
        var failed = NativeMethods.ts_stream_uses(&own, tensor.Handle);
        GC.KeepAlive(tensor);
        NativeMethods.Check(failed);
    }

    sealed class Restore(StreamHandle before) : IDisposable
    {
        public void Dispose()
        {
            StreamHandle back = before, was;
            NativeMethods.Check(NativeMethods.ts_stream_set(&back, &was));
        }
    }
}
