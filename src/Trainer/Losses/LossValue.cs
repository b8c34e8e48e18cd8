using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>What a loss found for some rows of a batch.</summary>
/// <param name="Total">Their share in the loss of the batch: a scalar that has a gradient where the embeddings have one.</param>
public sealed record LossValue(Tensor Total)
{
    /// <summary>Figures worth a curve (terms, counts of masked candidates): scalars without a gradient, which over the tiles of a batch add up as the total does.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parts { get; init; } = [];

    /// <summary>Hands its tensors on to the scope around.</summary>
    public LossValue MoveToOuterDisposeScope()
    {
        Total.MoveToOuterDisposeScope();
        foreach (var (_, value) in Parts)
        {
            value.MoveToOuterDisposeScope();
        }

        return this;
    }
}
