using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="SimLmDistillation"/>.</summary>
public sealed class SimLmDistillationContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms => [new SimLmDistillation(new SimLm(0.1)), new SimLmDistillation(new SimLm(0.1, allPairs: false), 1, maskHardNegatives: false)];

    protected override bool MasksExcluded => false;
}
