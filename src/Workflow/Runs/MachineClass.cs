using System.Globalization;
using System.Runtime.InteropServices;

namespace Workflow.Runs;

/// <summary>
/// What floating-point results depend on beside threads, in words: architecture, processor model, the BLAS and libtorch that would be loaded, and NVIDIA's devices where there are some. It enters the memo key of stages that state so:
/// a model made elsewhere is not taken for one made here. Read from files alone, so that the host never loads either library.
/// </summary>
static class MachineClass
{
    static readonly string[] LibraryFolders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];

    /// <summary>For example "x64 AuthenticAMD-25-17 blas openblas-openmp torch libtorch_cpu.so.1.13.0".</summary>
    public static string Current { get; } = string.Create(CultureInfo.InvariantCulture,
        $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()} {Processor()} blas {Blas()} torch {Torch()}{Gpus("/proc/driver/nvidia/gpus")}");

    static string Processor()
    {
        if (!File.Exists("/proc/cpuinfo"))
        {
            return "unknown";
        }

        var facts = File.ReadLines("/proc/cpuinfo").TakeWhile(l => l.Length > 0).Select(l => l.Split(':', 2)).Where(p => p.Length == 2).DistinctBy(p => p[0].Trim()).ToDictionary(p => p[0].Trim(), p => p[1].Trim());
        return string.Join('-', new[] { "vendor_id", "cpu family", "model" }.Select(k => facts.GetValueOrDefault(k, "?")));
    }

    // Debian's alternatives lead libblas.so.3 to the chosen library's own folder, whose name tells it.
    static string Blas() => Resolve("libblas.so.3", LibraryFolders) is { } file ? Path.GetFileName(Path.GetDirectoryName(file))! : "none";

    static string Torch()
    {
        var named = Environment.GetEnvironmentVariable("LIBTORCH");
        var file = Resolve("libtorch_cpu.so", named is { Length: > 0 } ? [Path.Combine(named, "lib"), named] : LibraryFolders);
        return file is null ? "none" : $"{Path.GetFileName(file)}{(named is { Length: > 0 } ? $" of {new FileInfo(file).Length} bytes" : "")}";
    }

    // The driver's own words; a machine without one says nothing.
    internal static string Gpus(string folder)
    {
        var models = !Directory.Exists(folder) ? [] : Directory.GetDirectories(folder).Select(d => Path.Combine(d, "information")).Where(File.Exists)
            .SelectMany(File.ReadLines).Where(l => l.StartsWith("Model:", StringComparison.Ordinal)).Select(l => l["Model:".Length..].Trim()).Order(StringComparer.Ordinal).ToList();
        return models.Count == 0 ? "" : $" gpu {string.Join(", ", models)}";
    }

    static string? Resolve(string name, string[] folders)
    {
        var path = folders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        for (var link = 0; path is not null && link < 16 && new FileInfo(path).LinkTarget is { } target; link++)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        }

        return path;
    }
}
