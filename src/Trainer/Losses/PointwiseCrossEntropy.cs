using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>
/// Point-wise cross-entropy of a cross-encoder (Nogueira and Cho 2019): the mean over all pairs of query and candidate of the binary cross-entropy of sigmoid(s), with label 1 for positives and 0 for
/// negatives, or a teacher's scores, in [0, 1], as labels.
/// </summary>
/// <param name="positiveWeight">Weight of the positives' term; about the number of negatives evens both out.</param>
/// <param name="soft">Takes the teacher's scores as labels; pairs without one keep theirs.</param>
public sealed class PointwiseCrossEntropy(double positiveWeight = 1, bool soft = false) : IScoreLoss
{
    /// <inheritdoc/>
    public LossNeeds Needs => soft ? LossNeeds.TeacherScores : LossNeeds.None;

    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var (scores, absent) = (inputs.Scores, inputs.AbsentIn(rows));
        var labels = zeros_like(scores);
        labels.narrow(1, 0, 1).fill_(1);
        if (soft)
        {
            labels = inputs.TeacherIn(rows).to(scores.dtype).where(inputs.TaughtIn(rows), labels);
        }

        using var pairs = inputs.Absent is null ? null : inputs.Absent.logical_not().sum().to(scores.dtype);
        var weight = full([1], positiveWeight, scores.dtype, scores.device);
        var each = binary_cross_entropy_with_logits(scores, labels, reduction: nn.Reduction.None, pos_weights: weight).masked_fill(absent, 0);
        var total = each.sum() / (pairs ?? full([], (double)inputs.Count * scores.shape[1], scores.dtype, scores.device));
        return new LossValue(total.MoveToOuterDisposeScope());
    }
}
