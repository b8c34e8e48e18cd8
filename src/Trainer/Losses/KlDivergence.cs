using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Distillation by Kullback-Leibler divergence over a query's own candidates: T_s² / B · Σ over rows of KL( softmax(t / T_t) ‖ softmax(s / T_s) ) (Hinton and others 2015;
/// sentence-transformers' <c>DistillKLDivLoss</c>; E5; RocketQAv2's list-wise distillation without the cross-encoder's own term). Candidates without a teacher's score stand on neither side;
/// a row without any adds nothing. Figures: <c>untaught_rows</c>, and <c>one_hot_rows</c>, rows of which the teacher is so sure of one candidate (above 0.9999) that the others teach nothing: a higher
/// teacher's temperature helps.
/// </summary>
/// <param name="temperature">T_s, the student's.</param>
/// <param name="teacherTemperature">T_t, the teacher's; null for the student's.</param>
/// <param name="normalizeScores">
/// Spreads the student's scores of each row over [0, 1] first (PyLate's <c>Distillation</c>), by its smallest and largest score.
/// </param>
public sealed class KlDivergence(double temperature = 1, double? teacherTemperature = null, bool normalizeScores = false) : IScoreLoss
{
    /// <inheritdoc/>
    public LossNeeds Needs => LossNeeds.TeacherScores;

    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var untaught = inputs.TaughtIn(rows).logical_not();
        var teacher = inputs.TeacherIn(rows).to(inputs.Scores.dtype).masked_fill(untaught, 0) / (teacherTemperature ?? temperature);
        var scores = (normalizeScores ? Spread(inputs.Scores, untaught) : inputs.Scores) / temperature;
        var total = Masked.Divergence(teacher, scores, untaught) * (temperature * temperature / inputs.Count);
        var sharp = Masked.Softmax(teacher.detach(), untaught).amax([1]).gt(0.9999);
        return new LossValue(total) { Parts = [("untaught_rows", untaught.all(1).sum().to(ScalarType.Float32)), ("one_hot_rows", sharp.sum().to(ScalarType.Float32))] }.MoveToOuterDisposeScope();
    }

    static Tensor Spread(Tensor scores, Tensor hidden)
    {
        var (lowest, highest) = (scores.masked_fill(hidden, double.PositiveInfinity).amin([1], keepdim: true), scores.masked_fill(hidden, double.NegativeInfinity).amax([1], keepdim: true));
        var nothing = hidden.all(1, keepdim: true);
        (lowest, highest) = (lowest.masked_fill(nothing, 0), highest.masked_fill(nothing, 0));
        return (scores - lowest) / (highest - lowest + 1e-8);
    }
}
