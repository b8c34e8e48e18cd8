using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Margin MSE (Hofstätter and others 2020): the mean over all pairs of a positive and one of its query's own negatives of ( (s_0 - s_k) - (t_0 - t_k) )². Pairs without both scores of the teacher
/// are left out.
/// </summary>
/// <param name="form">Whether the teacher gives scores or the margins t_0 - t_k themselves.</param>
public sealed class MarginMse(TeacherForm form = TeacherForm.Scores) : IScoreLoss
{
    /// <inheritdoc/>
    public LossNeeds Needs => LossNeeds.TeacherScores;

    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var all = inputs with { Scores = inputs.Teacher ?? inputs.Scores };
        var pairs = Pairs(all, new RowRange(0, inputs.Count)).sum().clamp_min(1).to(inputs.Scores.dtype);
        var known = Pairs(inputs, rows);
        var negatives = inputs.Scores.shape[1] - 1;
        var teacher = inputs.TeacherIn(rows).to(inputs.Scores.dtype);
        var margins = form == TeacherForm.Margins ? teacher.narrow(1, 1, negatives) : teacher.narrow(1, 0, 1) - teacher.narrow(1, 1, negatives);
        var found = inputs.Scores.narrow(1, 0, 1) - inputs.Scores.narrow(1, 1, negatives);
        var errors = (found - margins.masked_fill(known.logical_not(), 0)).masked_fill(known.logical_not(), 0);
        return new LossValue((errors.square().sum() / pairs).MoveToOuterDisposeScope());
    }

    // Pairs of rows whose margin is known, (R, G - 1).
    Tensor Pairs(ScoreInputs inputs, RowRange rows)
    {
        var taught = inputs.TaughtIn(rows);
        var negatives = taught.narrow(1, 1, taught.shape[1] - 1);
        return form == TeacherForm.Margins ? negatives : negatives.logical_and(taught.narrow(1, 0, 1));
    }
}
