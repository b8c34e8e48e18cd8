using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// R-Drop (Liang and others 2021) in the form of SimLM's re-ranker: with p1 and p2 the softmaxes of two passes with other dropout,
/// ½ (CE(p1) + CE(p2)) + α · ½ (KL(p1 ‖ p2) + KL(p2 ‖ p1)), means over rows, over the query's own candidates.
/// </summary>
/// <param name="alpha">α, weight of the divergence.</param>
/// <param name="temperature">Scores are divided by it.</param>
public sealed class RDrop(double alpha = 1, double temperature = 1) : IScoreLoss
{
    /// <inheritdoc/>
    public int Passes => 2;

    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var again = inputs.ScoresAgain ?? throw new TrainerException("R-Drop compares two passes with other dropout, and the batch has one; expected the scores of a second pass.");
        var absent = inputs.AbsentIn(rows);
        var (first, second) = (inputs.Scores / temperature, again / temperature);
        var labels = (Masked.LogSoftmax(first, absent).select(1, 0) + Masked.LogSoftmax(second, absent).select(1, 0)).sum() * (-0.5 / inputs.Count);
        var divergence = (Masked.Divergence(first, second, absent) + Masked.Divergence(second, first, absent)) * (0.5 / inputs.Count);
        return new LossValue(labels + (divergence * alpha)) { Parts = [("label", labels.detach()), ("divergence", divergence.detach())] }.MoveToOuterDisposeScope();
    }
}
