using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="InfoNce"/>.</summary>
public sealed class InfoNceContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new InfoNce(0.1),
        new InfoNce(0.1, symmetric: true),
        new InfoNce(0.1) { Similarity = Similarity.Dot, Directions = [Direction.QueryDoc, Direction.DocQuery] },
        new InfoNce(0.1) { Directions = [Direction.QueryDoc, Direction.QueryQuery, Direction.DocQuery, Direction.DocDoc] },
        new InfoNce(0.1) { Hardness = Hardness.InBatch, HardnessStrength = 9 },
        new InfoNce(0.1) { Hardness = Hardness.Hard, HardnessStrength = 5 },
        new InfoNce(0.1) { Hardness = Hardness.All, HardnessStrength = 3 },
    ];

    protected override bool StopsGradients(ILoss loss) => ((InfoNce)loss).Hardness != Hardness.None;
}
