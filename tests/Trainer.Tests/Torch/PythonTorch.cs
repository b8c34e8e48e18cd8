using System.Runtime.InteropServices;
using TorchSharp;

namespace Trainer.Tests.Torch;

/// <summary>
/// Runs a script of this folder with the machine's python3-torch and exchanges raw little-endian files with it: the oracle that tensors and
/// training are compared to, bit for bit.
/// </summary>
sealed class PythonTorch : IDisposable
{
    static readonly Lazy<string?> Missing = new(WhyMissing);

    public PythonTorch()
    {
        RequireTorch();
        Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");
        Folder = Directory.CreateTempSubdirectory("torch-parity-").FullName;
    }

    /// <summary>Skips the test where this program was built without libtorch.</summary>
    public static void RequireTorch() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    /// <summary>Where both sides read and write.</summary>
    public string Folder { get; }

    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged => File.WriteAllBytes(Path.Combine(Folder, name), MemoryMarshal.AsBytes(values));

    public T[] Read<T>(string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(Path.Combine(Folder, name))).ToArray();

    /// <summary>Runs the script with the folder and the arguments; fails the test with the script's own words.</summary>
    public string Run(string script, params string[] arguments)
    {
        var (code, output, error) = TorchHost.Shared.Run(Path.Combine(AppContext.BaseDirectory, "Torch", script), [Folder, .. arguments]);
        Assert.True(code == 0, $"{script} ended with {code}: {error}");
        return output;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    static string? WhyMissing()
    {
        if (TorchHost.Shared.Version is not { } found)
        {
            return "/usr/bin/python3 with torch is missing: apt-get install python3-torch";
        }

        var version = found.Split('a')[0].Split('+')[0];
        return version == TorchRuntime.Version ? null : $"python3-torch is {version}, libtorch {TorchRuntime.Version}: bits are only compared between equal versions";
    }
}
