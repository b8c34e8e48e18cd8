using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Contrastive loss over the scores of any kind of embedding: the mean over rows of -log softmax(s / τ) at the positive, over all candidates not excluded. With late interaction it is ColBERT's
/// (PyLate's <c>Contrastive</c>, τ = 1), with sparse embeddings SPLADE's and M3's, with inner products of dense ones and τ = 1 RocketQA's.
/// Figures, where candidates are excluded: <c>masked</c>, <c>masked_rows</c>.
/// </summary>
/// <param name="scorer">What scores.</param>
/// <param name="temperature">τ.</param>
public sealed class InBatch(IPairScorer scorer, double temperature = 1) : ILoss
{
    /// <inheritdoc/>
    public HeadSet Heads => scorer.Heads;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var excluded = Candidates.Excluded(inputs, rows);
        var loss = Candidates.CrossEntropy(scorer.All(inputs, rows) / temperature, excluded, rows) / inputs.Count;
        return new LossValue(loss) { Parts = excluded is null ? [] : Candidates.Figures(excluded, 0, inputs.Count) }.MoveToOuterDisposeScope();
    }
}
