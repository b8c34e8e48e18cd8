using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Inner products of sparse embeddings: Σ of w · v over the token ids that both have.</summary>
public sealed class SparseScorer : IPairScorer
{
    /// <inheritdoc/>
    public HeadSet Heads => HeadSet.Sparse;

    /// <inheritdoc/>
    public Tensor All(LossInputs inputs, RowRange rows) => inputs.Queries.Sparse!.Narrow(rows).Dot(inputs.Passages.Sparse!);
}
