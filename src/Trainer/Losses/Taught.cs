using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>FlagEmbedding's loss of one matrix of scores, with or without a teacher; sums over rows.</summary>
/// <param name="Form">How the teacher's scores count.</param>
/// <param name="InBatch">Whether scores are those of all candidates, (R, C), or of the own ones alone, (R, G).</param>
/// <param name="ContrastiveWeight">Weight of the cross-entropy at the positive beside <see cref="DistillationForm.KlDiv"/>.</param>
sealed record Taught(DistillationForm Form, bool InBatch, double ContrastiveWeight = 1)
{
    /// <summary>What a batch must have.</summary>
    public LossNeeds Needs => (Form == DistillationForm.None ? LossNeeds.None : LossNeeds.TeacherScores) | (Form == DistillationForm.None && InBatch ? LossNeeds.None : LossNeeds.OwnCandidates);

    /// <summary>The scores it wants.</summary>
    public Tensor Scores(IPairScorer scorer, LossInputs inputs, RowRange rows) => InBatch ? scorer.All(inputs, rows) : scorer.Own(inputs, rows);

    /// <summary>Places that are no candidates, of the shape of the scores; null for none.</summary>
    public Tensor? Hidden(LossInputs inputs, RowRange rows) => InBatch ? Candidates.Excluded(inputs, rows) : Candidates.Group(inputs).narrow(0, rows.Start, rows.Count).lt(0);

    /// <summary>Σ over rows of the loss.</summary>
    public Tensor Sum(Tensor scores, LossInputs inputs, RowRange rows) => Form switch
    {
        DistillationForm.None => Contrastive(scores, inputs, rows),
        DistillationForm.KlDiv => (Contrastive(scores, inputs, rows) * ContrastiveWeight) + Resemblance(scores, inputs, rows),
        _ => Progressive(scores, inputs, rows),
    };

    /// <summary>Σ over rows of the cross-entropy of the scores to a distribution over the same places.</summary>
    public Tensor CrossEntropy(Tensor scores, Tensor targets, LossInputs inputs, RowRange rows) =>
        (targets * Masked.LogSoftmax(scores, Hidden(inputs, rows) ?? zeros_like(scores, ScalarType.Bool))).sum() * -1;

    Tensor Contrastive(Tensor scores, LossInputs inputs, RowRange rows) =>
        InBatch ? Candidates.CrossEntropy(scores, Hidden(inputs, rows), rows) : Masked.LogSoftmax(scores, Hidden(inputs, rows)!).select(1, 0).sum() * -1;

    Tensor Resemblance(Tensor scores, LossInputs inputs, RowRange rows)
    {
        var own = InBatch ? Candidates.Pick(scores, Candidates.Own(inputs, rows), rows) : scores;
        var (teacher, untaught) = Teacher(inputs, rows);
        return (Masked.Softmax(teacher.to(scores.dtype), untaught) * Masked.LogSoftmax(own, untaught)).sum() * -1;
    }

    Tensor Progressive(Tensor scores, LossInputs inputs, RowRange rows)
    {
        var own = Candidates.Own(inputs, rows);
        var group = own.shape[1];
        var places = InBatch ? own : arange(group, ScalarType.Int64, scores.device).unsqueeze(0).expand(own.shape).masked_fill(own.lt(0), -1);
        var shown = InBatch ? Candidates.Pick(scores, own, rows) : scores;
        var hidden = Hidden(inputs, rows) ?? zeros_like(scores, ScalarType.Bool);
        var targets = Targets(inputs, rows, own, scores.dtype);
        Tensor? total = null;
        for (var k = 0; k < group; k++)
        {
            // Where nothing is left, which only happens where the target is 0, nothing is hidden: so gradients are numbers.
            var fill = hidden.logical_and(hidden.all(1, keepdim: true).logical_not());
            var term = targets.select(1, k) * (scores.masked_fill(fill, double.NegativeInfinity).logsumexp(1) - shown.select(1, k));
            total = total is null ? term.sum() : total + term.sum();
            hidden = hidden.logical_or(Candidates.Marked(places.narrow(1, k, 1), scores.shape[1]));
        }

        return total!;
    }

    // Softmax of the teacher's scores, (R, G); the positive alone where it has none. An own candidate that is excluded is no target.
    Tensor Targets(LossInputs inputs, RowRange rows, Tensor own, ScalarType type)
    {
        var (teacher, untaught) = Teacher(inputs, rows);
        if (Candidates.Excluded(inputs, rows) is { } excluded)
        {
            untaught = untaught.logical_or(excluded.gather(1, own.clamp_min(0)));
        }

        var alone = zeros_like(teacher);
        alone.narrow(1, 0, 1).fill_(1);
        return Masked.Softmax(teacher, untaught).where(untaught.all(1, keepdim: true).logical_not(), alone).to(type);
    }

    static (Tensor Scores, Tensor Untaught) Teacher(LossInputs inputs, RowRange rows)
    {
        var all = inputs.TeacherScores ?? throw new TrainerException("The loss learns from a teacher, and the batch has no teacher's scores; add them to the rows (a rescore stage), or say distillation: none.");
        var scores = all.narrow(0, rows.Start, rows.Count);
        var untaught = scores.isnan().logical_or(Candidates.Own(inputs, rows).lt(0));
        return (scores.masked_fill(untaught, 0), untaught);
    }
}
