using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="RDrop"/>.</summary>
public sealed class RDropContract : ScoreLossContract
{
    protected override IReadOnlyList<IScoreLoss> Forms => [new RDrop(), new RDrop(0.3, 0.5)];
}
