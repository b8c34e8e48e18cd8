namespace Trainer.Tests.Torch;

/// <summary>
/// Tests that use tensors: the random generator, the thread count and the handle count are the process's, so these run one after the other,
/// when nothing else runs.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection
{
    public const string Name = "torch";
}
