using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>What NVIDIA's driver says of a CUDA device.</summary>
/// <param name="Name">Name, as "NVIDIA H100 80GB HBM3".</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="Major">Compute capability before the dot: 8 is Ampere, 9 Hopper, 10 Blackwell.</param>
/// <param name="Minor">Compute capability behind the dot.</param>
/// <param name="TotalMemory">Memory, bytes.</param>
/// <param name="ClockKilohertz">Highest clock of the multiprocessors.</param>
public sealed record CudaDevice(string Name, int Multiprocessors, int Major, int Minor, long TotalMemory, int ClockKilohertz)
{
    const int MultiprocessorCount = 16, ClockRate = 13, CapabilityMajor = 75, CapabilityMinor = 76;

    /// <summary>Whether Float32 products can be rounded to TF32, and products of BFloat16 run on tensor cores.</summary>
    public bool HasBFloat16 => Major >= 8;

    /// <summary>
    /// Asks the driver (libcuda.so.1, whose C interface has been stable since CUDA 4), which every working CUDA machine has, rather than the runtime, whose headers and library
    /// differ from one libtorch to the next. Devices are counted as libtorch does: CUDA_VISIBLE_DEVICES counts.
    /// </summary>
    /// <param name="index">Index of the device.</param>
    /// <returns>Null where there is no driver or no such device.</returns>
    public static CudaDevice? Find(int index = 0) => Find("libcuda.so.1", index);

    internal static unsafe CudaDevice? Find(string library, int index)
    {
        if (!NativeLibrary.TryLoad(library, out var driver))
        {
            return null;
        }
        var init = (delegate* unmanaged<uint, int>)Function(driver, "cuInit");
        var get = (delegate* unmanaged<int*, int, int>)Function(driver, "cuDeviceGet");
        var getName = (delegate* unmanaged<byte*, int, int, int>)Function(driver, "cuDeviceGetName");
        var getMemory = (delegate* unmanaged<nuint*, int, int>)Function(driver, "cuDeviceTotalMem_v2");
        var getAttribute = (delegate* unmanaged<int*, int, int, int>)Function(driver, "cuDeviceGetAttribute");
        if (init is null || get is null || getName is null || getMemory is null || getAttribute is null)
        {
            return null;
        }
        var (device, memory) = (0, (nuint)0);
        var name = stackalloc byte[256];
        if (init(0) != 0 || get(&device, index) != 0 || getName(name, 256, device) != 0 || getMemory(&memory, device) != 0)
        {
            return null;
        }
        ReadOnlySpan<int> wanted = [MultiprocessorCount, CapabilityMajor, CapabilityMinor, ClockRate];
        var found = stackalloc int[wanted.Length];
        for (var k = 0; k < wanted.Length; k++)
        {
            if (getAttribute(found + k, wanted[k], device) != 0)
            {
                return null;
            }
        }
        var text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
        return new CudaDevice(text, found[0], found[1], found[2], (long)memory, found[3]);
    }

    static nint Function(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var at) ? at : 0;
}
