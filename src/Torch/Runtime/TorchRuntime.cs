using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>What TorchSharp has no name for: versions, devices, the BLAS in use and its speed, handle counts, the self-test.</summary>
public static unsafe class TorchRuntime
{
    /// <summary>Below this a 512-cubed product tells that no optimized BLAS is in use.</summary>
    public const double SlowMatmulGflops = 20;

    /// <summary>libtorch's version, as "1.13.0".</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)NativeMethods.ts_version())!;

    /// <summary>How libtorch was built: compiler, BLAS, CUDA and so on, over several lines.</summary>
    public static string BuildConfiguration => Marshal.PtrToStringUTF8((nint)NativeMethods.ts_config())!;

    /// <summary>Tensors that managed code holds now, over all threads; constant from step to step unless something leaks.</summary>
    public static long LiveHandles => NativeMethods.ts_live();

    /// <summary>Whether the binding was built and libtorch loads.</summary>
    public static bool IsAvailable => Unavailable is null;

    /// <summary>Why tensors cannot be used, with what to do about it, or null when they can.</summary>
    public static string? Unavailable
    {
        get
        {
            try
            {
                _ = LiveHandles;
                return null;
            }
            catch (DllNotFoundException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>The devices: cpu, then cuda:0 and on.</summary>
    public static IReadOnlyList<torch.Device> Devices =>
        [torch.CPU, .. Enumerable.Range(0, torch.cuda.device_count()).Select(k => new torch.Device(DeviceType.CUDA, k))];

    /// <summary>The BLAS that matrix products call, found among the process's loaded libraries: "OpenBLAS (libopenblas.so.0)".</summary>
    public static string BlasLibrary
    {
        get
        {
            using (torch.NewDisposeScope())
            {
                // A product makes sure that whatever is loaded late is loaded.
                _ = torch.ones(2, 2).mm(torch.ones(2, 2));
            }
            var files = File.ReadLines("/proc/self/maps").Select(line => line.IndexOf('/') is var at and >= 0 ? line[at..] : "")
                .Where(f => f.Contains(".so", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
            return BlasName(files, BuildConfiguration);
        }
    }

    /// <summary>Resolves every operator and compares its schema with the expected one; returns what differs, or nothing.</summary>
    public static IReadOnlyList<string> SelfTest() => OpTable.Faults(OpTable.All);

    /// <summary>Billions of floating-point operations per second of an n-cubed product: the best of <paramref name="runs"/> runs.</summary>
    /// <remarks>2 n^3 operations per product. The best, for a busy machine only ever makes a run slower. On the CPU <see cref="torch.get_num_threads"/> threads.</remarks>
    /// <param name="n">Rows and columns of both matrices.</param>
    /// <param name="runs">Products that are timed, one by one.</param>
    /// <param name="device">Null for the CPU.</param>
    /// <param name="type">Float32 with or without TF32 as <see cref="torch.backends"/> says, BFloat16 or Float16.</param>
    public static double MatmulGflops(int n = 512, int runs = 15, torch.Device? device = null, torch.ScalarType type = torch.ScalarType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        using var none = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.ones([n, n], type, device), torch.ones([n, n], type, device));
        a.mm(b).Dispose();
        var best = double.MaxValue;
        for (var k = 0; k < runs; k++)
        {
            Synchronize(device);
            var start = Stopwatch.GetTimestamp();
            a.mm(b).Dispose();
            Synchronize(device);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2e-9 * n * n * n / best;
    }

    /// <summary>Waits for all work on a device; the CPU's is done when a call returns.</summary>
    public static void Synchronize(torch.Device? device)
    {
        if (device?.type == DeviceType.CUDA)
        {
            torch.cuda.synchronize(device.index);
        }
    }

    /// <summary>Makes operators without a deterministic kernel fail (or warn), where a choice exists picks the deterministic one.</summary>
    public static void UseDeterministicAlgorithms(bool on, bool warnOnly = false) =>
        NativeMethods.Check(NativeMethods.ts_deterministic(on ? 1 : 0, warnOnly ? 1 : 0));

    /// <summary>The default generator of a device, to save and restore its state.</summary>
    public static torch.Generator DefaultGenerator(torch.Device device) => new(device);

    /// <summary>The device that a description names, with its index: "cuda" is the current one, "cuda:0" where none was chosen.</summary>
    /// <exception cref="TorchException">This libtorch knows no CUDA, or there is no such device; the message says what there is.</exception>
    public static torch.Device Require(torch.Device device)
    {
        if (device.type == DeviceType.CPU)
        {
            return torch.CPU;
        }
        var count = torch.cuda.device_count();
        var at = Math.Max(0, device.index);
        return device.type == DeviceType.CUDA && at < count
            ? new torch.Device(DeviceType.CUDA, at)
            : throw new TorchException(
                $"Device {device} is not there: found {string.Join(", ", Devices)}. " +
                (torch.backends.cuda.is_built()
                    ? "The shim was built against a CUDA libtorch, so look at the driver (nvidia-smi) and CUDA_VISIBLE_DEVICES."
                    : $"The shim was built against a libtorch without CUDA ({Version}): set LIBTORCH to a CUDA build's folder and build again."));
    }

    /// <summary>Memory of a CUDA device in bytes: in use, most in use since the last reset, held from the device.</summary>
    /// <exception cref="TorchException">There is no CUDA device, or this libtorch was built without CUDA.</exception>
    public static (long Allocated, long Peak, long Reserved) CudaMemory(int index = 0)
    {
        long allocated, peak, reserved;
        NativeMethods.Check(NativeMethods.ts_cuda_memory(index, &allocated, &peak, &reserved));
        return (allocated, peak, reserved);
    }

    public static void ResetCudaPeak(int index = 0) => NativeMethods.Check(NativeMethods.ts_cuda_reset_peak(index));

    /// <summary>Gives memory that CUDA tensors no longer use back to the device.</summary>
    public static void EmptyCudaCache() => NativeMethods.Check(NativeMethods.ts_cuda_empty_cache());

    /// <summary>Names the BLAS among loaded library files, most telling first; libtorch's own build text decides when none is told.</summary>
    internal static string BlasName(IReadOnlyList<string> files, string configuration)
    {
        foreach (var (mark, name) in new[] { ("openblas", "OpenBLAS"), ("blis", "BLIS"), ("libmkl", "MKL"), ("atlas", "ATLAS"), ("libarmpl", "Arm PL") })
        {
            if (files.FirstOrDefault(f => f.Contains(mark, StringComparison.OrdinalIgnoreCase)) is { } file)
            {
                return $"{name} ({file})";
            }
        }
        if (configuration.Contains("BLAS_INFO=mkl", StringComparison.OrdinalIgnoreCase))
        {
            return "MKL (inside libtorch)";
        }
        return files.FirstOrDefault(f => f.Contains("/libblas.so", StringComparison.Ordinal)) is { } reference
            ? $"reference BLAS ({reference}): slow, install libopenblas0-openmp"
            : "unknown";
    }
}
