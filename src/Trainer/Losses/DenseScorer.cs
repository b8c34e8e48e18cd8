using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Cosines or inner products of dense embeddings.</summary>
/// <param name="similarity">Which.</param>
public sealed class DenseScorer(Similarity similarity) : IPairScorer
{
    /// <inheritdoc/>
    public HeadSet Heads => HeadSet.Dense;

    /// <inheritdoc/>
    public Tensor All(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var queries = similarity.Ready(inputs.Queries.Dense!.narrow(0, rows.Start, rows.Count));
        return matmul(queries, similarity.Ready(inputs.Passages.Dense!).t()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Own(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var own = Candidates.Own(inputs, rows);
        var queries = similarity.Ready(inputs.Queries.Dense!.narrow(0, rows.Start, rows.Count));
        var passages = similarity.Ready(inputs.Passages.Dense!.index_select(0, own.clamp_min(0).flatten())).view(own.shape[0], own.shape[1], -1);
        return bmm(passages, queries.unsqueeze(2)).squeeze(2).MoveToOuterDisposeScope();
    }
}
