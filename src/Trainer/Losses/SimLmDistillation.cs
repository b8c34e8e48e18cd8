using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// SimLM's distillation (Wang and others 2023): the mean over rows of KL( softmax(teacher) ‖ softmax(scaled cosines) ) over a query's own candidates, plus a weight times the contrastive loss, in which
/// the query's own hard negatives can be left out. Figures: <c>distillation</c>, <c>contrastive</c>.
/// </summary>
/// <param name="contrastive">The contrastive loss.</param>
/// <param name="contrastiveWeight">Its weight; 0.2 in SimLM's recipe.</param>
/// <param name="maskHardNegatives">Whether own hard negatives are left out of it.</param>
public sealed class SimLmDistillation(SimLm contrastive, double contrastiveWeight = 0.2, bool maskHardNegatives = true) : ILoss
{
    /// <inheritdoc/>
    public LossNeeds Needs => LossNeeds.OwnCandidates | LossNeeds.TeacherScores;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var own = Candidates.Own(inputs, rows);
        var (scores, hidden) = contrastive.Scores(inputs, rows);
        var group = new ScoreInputs { Scores = Candidates.Pick(scores, own, rows), Count = inputs.Count, Absent = inputs.Own!.lt(0), Teacher = inputs.TeacherScores };
        var distillation = new KlDivergence().Compute(group, rows);
        if (maskHardNegatives && own.shape[1] > 1)
        {
            hidden = Candidates.Or(hidden, Candidates.Marked(own.narrow(1, 1, own.shape[1] - 1), scores.shape[1]));
        }

        var labels = Candidates.CrossEntropy(scores, hidden, rows) / inputs.Count;
        return new LossValue((labels * contrastiveWeight) + distillation.Total)
        {
            Parts = [("distillation", distillation.Total.detach()), ("contrastive", labels.detach()), .. distillation.Parts],
        }.MoveToOuterDisposeScope();
    }
}
