using Trainer.Heads;
using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="M3Unified"/>.</summary>
public sealed class M3UnifiedContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new M3Unified(0.5) { SelfDistillation = false },
        new M3Unified(0.5) { Distillation = DistillationForm.M3, SelfDistillationStart = 8 },
        new M3Unified(0.5) { Distillation = DistillationForm.KlDiv, InBatch = false },
        new M3Unified(0.5) { Convention = MaxSimConvention.FlagEmbedding, SelfDistillationStart = 7 },
    ];

    protected override bool MasksExcluded => false;

    protected override bool StopsGradients(ILoss loss) => loss is M3Unified { SelfDistillation: true, SelfDistillationStart: <= 7 };
}
