using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="DualReg"/>.</summary>
public sealed class DualRegContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms => [new DualReg(), new DualReg(new DenseScorer(Similarity.Cos), 0.1, 2)];
}
