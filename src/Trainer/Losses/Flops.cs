using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// The FLOPS regulariser of sparse embeddings (Paria and others 2020; SPLADE, Formal and others 2021) beside another loss: λ_q Σ_j (mean over queries of w_j)² + λ_d Σ_j (mean over passages of w_j)²,
/// j over token ids. It belongs to the batch as a whole, hence to the share of the rows that start at 0. Figures: <c>flops_queries</c>, <c>flops_passages</c>, before λ.
/// </summary>
/// <param name="inner">The loss that ranks.</param>
/// <param name="queries">λ_q.</param>
/// <param name="passages">λ_d.</param>
/// <param name="warmup">Steps over which both grow with the square of the step; 0 for none.</param>
public sealed class Flops(ILoss inner, double queries = 5e-5, double passages = 3e-5, int warmup = 0) : ILoss
{
    /// <inheritdoc/>
    public HeadSet Heads => inner.Heads | HeadSet.Sparse;

    /// <inheritdoc/>
    public LossNeeds Needs => inner.Needs;

    /// <inheritdoc/>
    public int QueryPasses => inner.QueryPasses;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var value = inner.Compute(inputs, rows);
        if (rows.Start > 0 || rows.Count == 0)
        {
            return value.MoveToOuterDisposeScope();
        }

        var share = warmup > 0 ? Math.Pow(Math.Min(1.0, (double)inputs.Step / warmup), 2) : 1;
        var (ofQueries, ofPassages) = (Of(inputs.Queries.Sparse!), Of(inputs.Passages.Sparse!));
        var total = value.Total + (ofQueries * (queries * share)) + (ofPassages * (passages * share));
        return new LossValue(total) { Parts = [.. value.Parts, ("flops_queries", ofQueries.detach()), ("flops_passages", ofPassages.detach())] }.MoveToOuterDisposeScope();
    }

    /// <summary>Σ over token ids of the square of the mean weight: a scalar.</summary>
    public static Tensor Of(SparseVectors texts)
    {
        using var scope = NewDisposeScope();
        var columns = new Dictionary<long, long>();
        var places = texts.Ids.Select(id => columns.TryGetValue(id, out var column) ? column : columns[id] = columns.Count).ToArray();
        var sums = zeros([columns.Count], texts.Weights.dtype, texts.Weights.device).index_add(0, tensor(places).to(texts.Weights.device), texts.Weights, 1);
        return (sums / texts.Count).square().sum().MoveToOuterDisposeScope();
    }
}
