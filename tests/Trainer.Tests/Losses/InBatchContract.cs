using Trainer.Heads;
using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="InBatch"/>.</summary>
public sealed class InBatchContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new InBatch(new DenseScorer(Similarity.Dot)),
        new InBatch(new SparseScorer(), 0.5),
        new InBatch(new LateInteractionScorer(), 0.5),
        new InBatch(new LateInteractionScorer(Similarity.Dot, MaxSimConvention.FlagEmbedding)),
    ];
}
