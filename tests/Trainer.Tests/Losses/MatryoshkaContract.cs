using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="Matryoshka"/>.</summary>
public sealed class MatryoshkaContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new Matryoshka(new InfoNce(0.1), [6, 3], [1, 0.5]),
        new Matryoshka(new Gist(0.05), [6, 4, 2]) { DimensionsPerStep = 2, Seed = 3 },
        new Matryoshka(new OwnCandidates(new DenseScorer(Similarity.Cos), new KlDivergence(0.1)), [6, 2]),
    ];

    protected override bool MasksExcluded => false;
}
