using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

/// <summary>Faults that cached losses of the field had: sentence-transformers' issues 2932 and 3862, and the worry of GC-DPR's issue 12.</summary>
[Collection(TorchCollection.Name)]
public sealed class KnownCachingBugsTests
{
    public KnownCachingBugsTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData("Gist")]
    [InlineData("relative margin")]
    public void Gist_TakesEachRowsOwnThreshold_InEveryTile_ST2932(string name)
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense, dropout: 0);
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();
        var results = new[] { 1, 2, 4, CachingCase.Rows }.Select(rows =>
        {
            var result = CachingCase.Cache(encoder, CachingCase.Losses[name], 5, lossRows: rows).Step(queries, passages, known, CachingCase.Request(5));
            return (result.Loss, Masked: result.Parts.Single(p => p.Name == "masked").Value, Gradient: CachingCase.TakeGradients(encoder));
        }).ToList();

        // The guide masks a share of the candidates, and the same however the rows are cut; thresholds of other rows would mask others.
        Assert.InRange(results[0].Masked, 0.1, 0.9);
        Assert.All(results, r => Assert.Equal(results[0].Masked, r.Masked, 1e-6));
        Assert.All(results, r => Assert.Equal(1, r.Loss / results[0].Loss, 1e-6));
        Assert.All(results, r => Assert.InRange(CachingCase.Compare(results[0].Gradient, r.Gradient).Difference, 0, 1e-6));
    }

    [Fact]
    public void EveryMiniBatch_ReachesTheGradient_NotTheLastAlone_ST3862()
    {
        using var scope = NewDisposeScope();
        using var encoder = StaticEncoder.Create(20, new StaticEncoderOptions { Dimensions = 8, QuerySide = QuerySide.Shared }, 3);
        // Texts of one token each, no two alike.
        long[] places = [0, 1, 2, 3, 4, 5];
        CachingCase.Cache(encoder, new InfoNce(0.5), 2).Step(
            new TokenBatch([1, 2, 3, 4, 5, 6], places), new TokenBatch([7, 8, 9, 10, 11, 12], places), new LossInputs { Queries = new(), Passages = new() }, CachingCase.Request(2));
        var rows = encoder.Parameters[0].Value.grad!.norm(1).data<float>().ToArray();
        Assert.All(rows[1..13], length => Assert.True(length > 1e-4));
        Assert.All(rows[13..].Append(rows[0]), length => Assert.Equal(0, length));
    }

    [Fact]
    public void TheSecondPass_DropsWhatTheFirstDropped_GCDPR12()
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense, dropout: 0.3);
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();
        var (kept, again, other) = (Gradient(int.MaxValue, 4), Gradient(0, 4), Gradient(0, 5));
        Assert.Equal(kept, again);
        Assert.True(CachingCase.Compare(kept, other).Difference > 0.1);

        float[] Gradient(int keep, int step)
        {
            CachingCase.Cache(encoder, new InfoNce(0.05), 3, keep).Step(queries, passages, known, CachingCase.Request(3, step));
            return CachingCase.TakeGradients(encoder);
        }
    }
}
