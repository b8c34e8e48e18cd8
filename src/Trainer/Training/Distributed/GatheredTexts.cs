using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Training.Distributed;

/// <summary>Embeddings of one side of a batch, of all ranks.</summary>
/// <param name="All">In the order of the batch; without a gradient: leaves of the loss.</param>
/// <param name="Local">For each of <see cref="HeadOutputs.Tensors"/>, the places of this rank's rows in it, (n) of Int64, in the order that the rank embedded them.</param>
public sealed record GatheredTexts(HeadOutputs All, IReadOnlyList<Tensor> Local)
{
    /// <summary>Hands its tensors on to the scope around.</summary>
    public GatheredTexts MoveToOuterDisposeScope()
    {
        All.MoveToOuterDisposeScope();
        foreach (var places in Local)
        {
            places.MoveToOuterDisposeScope();
        }

        return this;
    }
}
