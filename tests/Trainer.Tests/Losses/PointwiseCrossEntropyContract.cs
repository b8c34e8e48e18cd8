using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="PointwiseCrossEntropy"/>.</summary>
public sealed class PointwiseCrossEntropyContract : ScoreLossContract
{
    protected override IReadOnlyList<IScoreLoss> Forms => [new PointwiseCrossEntropy(), new PointwiseCrossEntropy(3), new PointwiseCrossEntropy(soft: true)];
}
