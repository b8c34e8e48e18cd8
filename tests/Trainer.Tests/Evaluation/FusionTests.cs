using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public sealed class FusionTests
{
    static readonly ScoredDocument[] Dense = [new("a", 0.9), new("b", 0.7), new("c", 0.5)];
    static readonly ScoredDocument[] Sparse = [new("c", 12), new("d", 8), new("a", 4)];

    [Fact]
    public void Weighted_AddsNormalisedScores_AndGivesAMissingDocumentTheLowest()
    {
        // min-max: dense a 1, b .5, c 0; sparse c 1, d .5, a 0.
        var fused = Fusion.Weighted(Dense, Sparse, 0.6, ScoreNormalization.MinMax, 10);
        Assert.Equal(["a", "c", "b", "d"], fused.Select(f => f.DocId));
        Assert.Equal([0.6, 0.4, 0.3, 0.2], fused.Select(f => Math.Round(f.Score, 12)));
    }

    [Fact]
    public void Weighted_UsesMeanAndDeviationOfTheUnion_WithZScores()
    {
        // Dense over a, b, c, d: .9, .7, .5 and .5 for the missing d; sparse: 4, 4 for the missing b, 12, 8.
        var (dense, sparse) = (Math.Sqrt(0.0275), Math.Sqrt(11));
        var fused = Fusion.Weighted(Dense, Sparse, 0.5, ScoreNormalization.ZScore, 10).ToDictionary(f => f.DocId, f => f.Score);
        Assert.Equal(((0.25 / dense) - (3 / sparse)) / 2, fused["a"], 1e-12);
        Assert.Equal(((0.05 / dense) - (3 / sparse)) / 2, fused["b"], 1e-12);
        Assert.Equal(((-0.15 / dense) + (5 / sparse)) / 2, fused["c"], 1e-12);
        Assert.Equal(((-0.15 / dense) + (1 / sparse)) / 2, fused["d"], 1e-12);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Weighted_KeepsTheOrderOfOneSystem_WhenTheOtherWeighsNothing(double weight)
    {
        var fused = Fusion.Weighted(Dense, Sparse, weight, ScoreNormalization.Max, 2);
        Assert.Equal((weight == 1 ? Dense : Sparse).Take(2).Select(d => d.DocId), fused.Select(f => f.DocId));
    }

    [Fact]
    public void Weighted_ReturnsTheOther_WhenOneListIsEmpty() =>
        Assert.Equal(["c", "d", "a"], Fusion.Weighted([], Sparse, 0.7, ScoreNormalization.MinMax, 10).Select(f => f.DocId));

    [Fact]
    public void ReciprocalRank_SumsInverseRanks()
    {
        var fused = Fusion.ReciprocalRank([Dense, Sparse], 3);
        Assert.Equal(["c", "a", "d"], fused.Select(f => f.DocId));
        Assert.Equal((1.0 / 61) + (1.0 / 63), fused[0].Score, 1e-15);
        Assert.Equal(1.0 / 62, fused[2].Score, 1e-15);
    }
}
