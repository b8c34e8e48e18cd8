using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Trainer.Tests.Torch;

/// <summary>
/// Runs a script of this folder with the machine's python3-torch and exchanges raw little-endian files with it: the oracle that tensors and
/// training are compared to, bit for bit.
/// </summary>
sealed class PythonTorch : IDisposable
{
    const string Interpreter = "/usr/bin/python3";

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
        var (code, output, error) = Start([Path.Combine(AppContext.BaseDirectory, "Torch", script), Folder, .. arguments]);
        Assert.True(code == 0, $"{script} ended with {code}: {error}");
        return output;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    static string? WhyMissing()
    {
        if (!File.Exists(Interpreter))
        {
            return $"{Interpreter} is missing: apt-get install python3-torch";
        }
        var (code, version, _) = Start(["-c", "import torch; print(torch.__version__.split('a')[0].split('+')[0])"]);
        if (code != 0)
        {
            return "python3-torch is missing: apt-get install python3-torch";
        }
        return version.Trim() == TorchRuntime.Version ? null : $"python3-torch is {version.Trim()}, libtorch {TorchRuntime.Version}: bits are only compared between equal versions";
    }

    static (int Code, string Output, string Error) Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        start.Environment["GOMP_SPINCOUNT"] = "0";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
