using Trainer.Evaluation;
using Trainer.Training;

namespace Trainer.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Mean_CoversTheTrueMean_AboutAsOftenAsItsLevelSays()
    {
        // 400 samples of 60 uniform numbers, true mean 0.5: 95 % of the intervals hold it (binomial, five standard deviations to either side).
        var random = new SplitMix64(7);
        var covered = 0;
        for (var sample = 0; sample < 400; sample++)
        {
            var values = Enumerable.Range(0, 60).Select(_ => random.NextDouble()).ToArray();
            var interval = Bootstrap.Mean(values, sample, 500);
            covered += interval.Low <= 0.5 && 0.5 <= interval.High ? 1 : 0;
        }

        Assert.InRange(covered, 355, 400);
    }

    [Fact]
    public void Mean_HasTheNormalWidth_WhenThereAreManyValues()
    {
        var random = new SplitMix64(11);
        var values = Enumerable.Range(0, 2000).Select(_ => random.NextDouble()).ToArray();
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length / values.Length);
        var interval = Bootstrap.Mean(values, 3, 4000);
        Assert.Equal(mean, interval.Mean, 1e-12);
        Assert.Equal(2 * 1.96 * error, interval.High - interval.Low, 0.1 * error * 4);
    }

    [Fact]
    public void PairedDifference_IsNarrowerThanEither_WhenSystemsAgreeOnWhatIsHard()
    {
        var random = new SplitMix64(5);
        var baseline = Enumerable.Range(0, 300).Select(_ => random.NextDouble()).ToArray();
        var system = baseline.Select(v => v + 0.05 + (0.01 * random.NextDouble())).ToArray();
        var difference = Bootstrap.PairedDifference(system, baseline, 1);
        var alone = Bootstrap.Mean(system, 1);
        Assert.True(difference.Low > 0);
        Assert.True(difference.High - difference.Low < 0.1 * (alone.High - alone.Low));
    }

    [Fact]
    public void Mean_RepeatsItself_WhenTheSeedIsTheSame()
    {
        double[] values = [0, 1, 0.5, 0.25, 1, 0, 0, 1];
        Assert.Equal(Bootstrap.Mean(values, 9), Bootstrap.Mean(values, 9));
        Assert.NotEqual(Bootstrap.Mean(values, 9, 100), Bootstrap.Mean(values, 10, 100));
    }
}
