using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="KlDivergence"/>.</summary>
public sealed class KlDivergenceContract : ScoreLossContract
{
    protected override IReadOnlyList<IScoreLoss> Forms => [new KlDivergence(), new KlDivergence(2, 0.5), new KlDivergence(normalizeScores: true)];
}
