using System.Runtime.InteropServices;
using TorchSharp;

namespace Trainer.Training.Caching;

/// <summary>
/// Memory that tensors take: of a CUDA device as libtorch's allocator counts it; of the CPU as the C library's does, from which libtorch takes all its tensors. The resident set would not do:
/// freed blocks stay in it, and new ones enter it only when they are written.
/// </summary>
static class MemoryFigures
{
    /// <summary>Bytes allocated now; null where nobody counts.</summary>
    public static long? Allocated(torch.Device device) => device.type == DeviceType.CUDA ? Cuda(device) : Heap() is { } heap ? (long)(heap.InBlocks + heap.InMaps) : null;

    /// <summary>Bytes of a device that are taken now, or that this process holds, less freed blocks that new tensors will go to (some of which may have left it, so never less than is allocated); null where nobody counts.</summary>
    public static long? Taken(torch.Device device) =>
        device.type == DeviceType.CUDA ? Cuda(device) : Heap() is { } heap ? Math.Max((long)(heap.InBlocks + heap.InMaps), Environment.WorkingSet - (long)heap.Free) : null;

    /// <summary>Bytes that may be filled where a job says nothing: 9 tenths of a device, 3 quarters of the machine's or container's memory.</summary>
    public static long Default(torch.Device device) => device.type == DeviceType.CUDA
        ? (long)(0.9 * (CudaDevice.Find(Math.Max(0, device.index))?.TotalMemory ?? 0))
        : (long)(0.75 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    static long? Cuda(torch.Device device)
    {
        try
        {
            return TorchRuntime.CudaMemory(Math.Max(0, device.index)).Allocated;
        }
        catch (TorchException)
        {
            return null;
        }
    }

    static HeapInfo? Heap()
    {
        try
        {
            return NativeHeapInfo();
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // A C library other than glibc, or one before 2.33.
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    static extern HeapInfo NativeHeapInfo();

    // struct mallinfo2 of <malloc.h>: sums over all arenas.
    [StructLayout(LayoutKind.Sequential)]
    readonly struct HeapInfo
    {
        readonly nuint _arena, _freeBlocks, _fastBlocks, _maps;
        readonly nuint _inMaps;
        readonly nuint _unused, _fastBytes;
        readonly nuint _inBlocks;
        readonly nuint _free;
        readonly nuint _top;

        public ulong InMaps => _inMaps;

        public ulong InBlocks => _inBlocks;

        public ulong Free => _free;
    }
}
