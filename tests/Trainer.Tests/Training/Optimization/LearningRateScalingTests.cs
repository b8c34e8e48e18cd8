using Trainer.Training.Optimization;

namespace Trainer.Tests.Training.Optimization;

public sealed class LearningRateScalingTests
{
    [Fact]
    public void Derive_GivesThePublishedExample_ByTheSquareRoot()
    {
        var derived = LearningRateScaling.Derive(5e-5, 8192, 64, ScalingRule.Sqrt);
        Assert.Equal(5.656854249492381e-4, derived.Rate, 1e-18);
        Assert.StartsWith("Learning rate 5.6569e-4 = 5e-5 · √(8,192 / 64) (lr_scaling sqrt, reference_batch 64)", derived.Sentence, StringComparison.Ordinal);
        Assert.Contains("gradient accumulation does not count", derived.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalingRule.None, 1, "as given (lr_scaling none); the batch is 128 rows")]
    [InlineData(ScalingRule.Linear, 2, "2e-3 = 1e-3 · 128 / 64 (lr_scaling linear")]
    public void Derive_FollowsTheRule(ScalingRule rule, double times, string words)
    {
        var derived = LearningRateScaling.Derive(1e-3, 128, 64, rule);
        Assert.Equal(1e-3 * times, derived.Rate, 1e-18);
        Assert.Contains(words, derived.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Derive_CountsTheGatheredBatch_WithSeveralProcesses()
    {
        var derived = LearningRateScaling.Derive(1e-3, LogicalBatch.Of(64, processes: 4), 64, ScalingRule.Sqrt);
        Assert.Equal(2e-3, derived.Rate, 1e-18);
        Assert.Contains("256 rows, gathered from 4 processes of 64", derived.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Derive_TakesTheMeanOverTheSteps_WithABatchSizePerBucket()
    {
        // Three steps of 100 rows and one of 20: 80 in the mean; a bucket without steps does not count.
        var batch = LogicalBatch.OfBuckets([(100, 3), (20, 1), (7, 0)]);
        Assert.Equal(80, batch.Rows);
        Assert.Contains("80 rows in the mean over the steps of 2 buckets (20 to 100)", LearningRateScaling.Derive(1e-3, batch, 20, ScalingRule.Linear).Sentence, StringComparison.Ordinal);
        Assert.Equal(4e-3, LearningRateScaling.Derive(1e-3, batch, 20, ScalingRule.Linear).Rate, 1e-15);
        Assert.Equal(LogicalBatch.Of(32, 2), LogicalBatch.OfBuckets([(32, 5), (32, 1)], 2));
    }
}
