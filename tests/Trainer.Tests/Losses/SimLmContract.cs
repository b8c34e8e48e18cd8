using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="SimLm"/>.</summary>
public sealed class SimLmContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms => [new SimLm(0.1), new SimLm(0.1, allPairs: false), new SimLm(0.05, temperatureWarmup: 14)];
}
