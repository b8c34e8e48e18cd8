using System.Globalization;
using TorchSharp;

namespace Trainer.Training;

/// <summary>Memory of a device in words.</summary>
static class DeviceMemory
{
    /// <summary>"12.3 GiB of 79.1 GiB in use" for a CUDA device; what the process holds for the CPU; empty where nobody tells.</summary>
    public static string Describe(torch.Device device)
    {
        if (device.type != DeviceType.CUDA)
        {
            return $"{Text(Environment.WorkingSet)} held by this process of {Text(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)}";
        }

        var total = CudaDevice.Find(Math.Max(0, device.index)) is { } found ? $" of {Text(found.TotalMemory)}" : "";
        try
        {
            var (allocated, peak, reserved) = TorchRuntime.CudaMemory(Math.Max(0, device.index));
            return $"{Text(allocated)} in use, at most {Text(peak)} so far, {Text(reserved)} held{total}";
        }
        catch (TorchException)
        {
            return total.Length > 0 ? $"memory{total}" : "";
        }
    }

    /// <summary>Bytes in the unit that fits: "1.5 GiB".</summary>
    public static string Text(long bytes)
    {
        var (value, unit) = bytes switch
        {
            >= 1L << 30 => (bytes / (double)(1L << 30), "GiB"),
            >= 1L << 20 => (bytes / (double)(1L << 20), "MiB"),
            _ => (bytes / 1024.0, "KiB"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {unit}");
    }
}
