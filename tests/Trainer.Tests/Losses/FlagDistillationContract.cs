using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="FlagDistillation"/>.</summary>
public sealed class FlagDistillationContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.None),
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.KlDiv),
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.M3),
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.None, inBatch: false),
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.KlDiv, inBatch: false),
        new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.M3, inBatch: false),
    ];

    protected override bool MasksExcluded => false;
}
