using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="Flops"/>.</summary>
public sealed class FlopsContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new Flops(new InBatch(new SparseScorer()), 0.5, 0.3),
        new Flops(new M3Unified(0.5) { SelfDistillation = false }, 0.5, 0.3, warmup: 14),
    ];

    protected override bool MasksExcluded => false;
}
