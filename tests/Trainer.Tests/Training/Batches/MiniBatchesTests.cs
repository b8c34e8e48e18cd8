using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class MiniBatchesTests
{
    [Fact]
    public void Split_KeepsBothBounds_AndMakesAsFewRunsAsCanBe()
    {
        var random = new SplitMix64(5);
        for (var round = 0; round < 2000; round++)
        {
            var lengths = Enumerable.Range(0, random.Below(24)).Select(_ => random.Below(20)).ToArray();
            var (texts, tokens, padded) = (1 + random.Below(8), 1 + random.Below(60), random.Below(2) == 1);
            var runs = MiniBatches.Split(lengths, texts, tokens, padded);
            Assert.Equal(Enumerable.Range(0, lengths.Length), runs.SelectMany(r => Enumerable.Range(r.Start, r.Count)));
            Assert.All(runs, r => Assert.True(Allowed(r.Start, r.End)));
            Assert.Equal(Fewest(), runs.Count);

            bool Allowed(int start, int end)
            {
                var run = lengths[start..end];
                return run.Length > 0 && run.Length <= texts && (run.Length == 1 || (padded ? run.Max() * run.Length : run.Sum()) <= tokens);
            }

            // By going through all cuts.
            int Fewest()
            {
                var fewest = new int[lengths.Length + 1];
                for (var end = 1; end <= lengths.Length; end++)
                {
                    fewest[end] = 1 + Enumerable.Range(0, end).Where(start => Allowed(start, end)).Min(start => fewest[start]);
                }

                return fewest[^1];
            }
        }
    }

    [Fact]
    public void Split_CountsTextsAlone_WithoutATokenBound() =>
        Assert.Equal([new RowRange(0, 2), new RowRange(2, 2), new RowRange(4, 1)], MiniBatches.Split([9000, 1, 1, 9000, 3], 2));

    [Fact]
    public void Split_ReadsLengthsOfABatch() =>
        Assert.Equal([new RowRange(0, 1), new RowRange(1, 2)], MiniBatches.Split(new TokenBatch(new long[9], [0, 4, 6]), 8, 5));
}
