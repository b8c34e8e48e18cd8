using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// ERNIE-Search's DualReg (Lu and others 2022): R-Drop on a dual encoder. With P1 and P2 the in-batch softmaxes of two passes of the queries with other dropout,
/// ½ (CE(P1) + CE(P2)) + α · ½ (KL(P1 ‖ P2) + KL(P2 ‖ P1)), means over rows. Figures: <c>contrastive</c>, <c>divergence</c>.
/// </summary>
/// <param name="scorer">What scores; inner products without a temperature, as RocketQA's cross-batch negatives have it, unless told otherwise.</param>
/// <param name="temperature">Scores are divided by it.</param>
/// <param name="alpha">α.</param>
public sealed class DualReg(IPairScorer? scorer = null, double temperature = 1, double alpha = 1) : ILoss
{
    readonly IPairScorer _scorer = scorer ?? new DenseScorer(Similarity.Dot);

    /// <inheritdoc/>
    public HeadSet Heads => _scorer.Heads;

    /// <inheritdoc/>
    public int QueryPasses => 2;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var again = inputs.QueriesAgain ?? throw new TrainerException("DualReg compares two passes of the queries with other dropout, and the batch has one; expected the embeddings of a second pass.");
        var (first, second) = (_scorer.All(inputs, rows) / temperature, _scorer.All(inputs with { Queries = again }, rows) / temperature);
        var hidden = Candidates.Excluded(inputs, rows);
        var labels = (Candidates.CrossEntropy(first, hidden, rows) + Candidates.CrossEntropy(second, hidden, rows)) * (0.5 / inputs.Count);
        var mask = hidden ?? zeros_like(first, ScalarType.Bool);
        var divergence = (Masked.Divergence(first, second, mask) + Masked.Divergence(second, first, mask)) * (0.5 / inputs.Count);
        return new LossValue(labels + (divergence * alpha)) { Parts = [("contrastive", labels.detach()), ("divergence", divergence.detach())] }.MoveToOuterDisposeScope();
    }
}
