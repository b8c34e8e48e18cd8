using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp.Interop;

/// <summary>Finds and loads the shim, and settles before that how OpenMP's threads wait.</summary>
static unsafe class ShimLoader
{
    public const string Library = "workflow_torch";
    public const string Missing = "libtorch was not found when this program was built: apt-get install g++ libtorch-dev libopenblas0-openmp, or set LIBTORCH to a libtorch folder, and build again.";

    // Not in Main: imports that suppress the GC transition are bound when their caller is compiled, before its first line runs.
#pragma warning disable CA2255 // this library owns native state that must be ready before any of its code
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(ShimLoader).Assembly, Resolve);
#pragma warning restore CA2255

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }
        // OpenMP threads that spin while they wait steal the cores of whatever else runs: a step then takes 4 to 20 times as long.
        // libgomp reads this once, when it is loaded, which is now; .NET's own SetEnvironmentVariable would not reach it.
        SetUnlessSet("OMP_WAIT_POLICY", "passive");
        SetUnlessSet("GOMP_SPINCOUNT", "0");
        // cuBLAS repeats its results bit for bit only with a workspace of a fixed size.
        SetUnlessSet("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        var file = Path.Combine(AppContext.BaseDirectory, $"lib{Library}.so");
        if (!File.Exists(file))
        {
            file = Path.Combine(Path.GetDirectoryName(assembly.Location) ?? "", $"lib{Library}.so");
        }
        if (!File.Exists(file))
        {
            throw new DllNotFoundException($"{Missing} ({file} does not exist.)");
        }
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException($"{file} could not be loaded: is the libtorch it was built with still in its place? {Missing} ({e.Message.Trim()})", e);
        }
    }

    static void SetUnlessSet(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            fixed (byte* n = Encoding.UTF8.GetBytes(name + "\0"), v = Encoding.UTF8.GetBytes(value + "\0"))
            {
                _ = setenv(n, v, 0);
            }
        }
    }

    [DllImport("libc", EntryPoint = "setenv")]
    static extern int setenv(byte* name, byte* value, int overwrite);
}
