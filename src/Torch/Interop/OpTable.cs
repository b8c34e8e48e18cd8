using System.Reflection;

namespace TorchSharp.Interop;

/// <summary>Resolves every operator of <see cref="Ops"/> and compares its schema, once, before the first call of any of them.</summary>
static class OpTable
{
    static readonly Lock gate = new();
    static volatile bool resolved;

    /// <summary>Every operator this library calls, in the order of the table.</summary>
    public static IReadOnlyList<Op> All { get; } =
        [.. typeof(Ops).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).Select(f => f.GetValue(null)).OfType<Op>()];

    public static void EnsureResolved()
    {
        if (resolved)
        {
            return;
        }
        lock (gate)
        {
            if (resolved)
            {
                return;
            }
            Require(All);
            resolved = true;
        }
    }

    /// <exception cref="TorchException">An operator is missing or its schema is another; the message names each.</exception>
    public static void Require(IEnumerable<Op> ops)
    {
        var faults = Faults(ops);
        if (faults.Count > 0)
        {
            throw new TorchException(
                $"libtorch {TorchRuntime.Version} differs from what this build calls in {faults.Count} operator(s):\n  {string.Join("\n  ", faults)}\n" +
                "Use a libtorch from 1.13 to 2.11 (set LIBTORCH and build again).");
        }
    }

    /// <summary>What is wrong with each operator that is not as expected; empty when all are.</summary>
    public static IReadOnlyList<string> Faults(IEnumerable<Op> ops) => [.. ops.Select(o => o.Resolve()).OfType<string>()];
}
