using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>What the numbers were measured on.</summary>
static class Machine
{
    const int Flushes = 200;

    /// <summary>Processor, cores, system and what one flush of a file in the folder costs.</summary>
    public static string Describe(string folder)
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{model}, {Environment.ProcessorCount} cores (load {load}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; " +
            $"4 KiB written and flushed in {folder}: {Flush(folder).Text("us")}";
    }

    static Sample Flush(string folder)
    {
        var file = Path.Combine(folder, $"bench-flush-{Environment.ProcessId}");
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        var block = new byte[4096];
        return new Sample(Enumerable.Range(0, Flushes).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            stream.Write(block);
            stream.Flush(flushToDisk: true);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }));
    }
}
