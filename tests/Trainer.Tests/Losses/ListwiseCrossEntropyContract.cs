using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="ListwiseCrossEntropy"/>.</summary>
public sealed class ListwiseCrossEntropyContract : ScoreLossContract
{
    protected override IReadOnlyList<IScoreLoss> Forms => [new ListwiseCrossEntropy(), new ListwiseCrossEntropy(0.3)];
}
