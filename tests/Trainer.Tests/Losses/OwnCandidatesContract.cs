using Trainer.Heads;
using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="OwnCandidates"/>.</summary>
public sealed class OwnCandidatesContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new OwnCandidates(new DenseScorer(Similarity.Dot), new MarginMse()),
        new OwnCandidates(new DenseScorer(Similarity.Cos), new MarginMse(TeacherForm.Margins)),
        new OwnCandidates(new DenseScorer(Similarity.Dot), new KlDivergence(2, 1)),
        new OwnCandidates(new SparseScorer(), new KlDivergence()),
        new OwnCandidates(new LateInteractionScorer(), new KlDivergence(normalizeScores: true)),
        new OwnCandidates(new LateInteractionScorer(Similarity.Dot, MaxSimConvention.PyLate), new KlDivergence()),
        new OwnCandidates(new DenseScorer(Similarity.Dot), new ListwiseCrossEntropy()),
        new OwnCandidates(new DenseScorer(Similarity.Dot), new RDrop(0.5)),
    ];

    protected override bool MasksExcluded => false;
}
