using TorchSharp;

namespace Trainer.Tests.Torch;

/// <summary>
/// Tests that use tensors: the random generator, the thread count and the handle count are the process's, so these run one after the other,
/// when nothing else runs.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection
{
    public const string Name = "torch";

    /// <summary>The live handles once the finalizers of what earlier tests left behind have run, so that the count stands still after it.</summary>
    public static long SettledHandles()
    {
        for (var k = 0; k < 3; k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return TorchRuntime.LiveHandles;
    }
}
