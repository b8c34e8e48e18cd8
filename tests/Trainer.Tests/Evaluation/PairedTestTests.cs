using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

/// <summary>
/// p-values of scipy 1.10.1: <c>permutation_test((x + margin, y), lambda a, b, axis=-1: np.mean(a - b, axis=axis), permutation_type='samples', alternative='less', n_resamples=np.inf)</c>.
/// </summary>
public sealed class PairedTestTests
{
    static readonly double[] A = [.5, .25, 1, 0, .63, .38, .9, .1, .4, .7];
    static readonly double[] B = [.6, .25, .8, .3, .63, .5, 1, 0, .45, .9];

    [Fact]
    public void Worse_CountsEveryAssignment_AsScipyDoes()
    {
        Assert.Equal(0.1328125, PairedTest.Worse(A, B, 1).PWorse, 1e-12);
        Assert.Equal(0.8984375, PairedTest.Worse(B, A, 1).PWorse, 1e-12);
        Assert.Equal(0.45703125, PairedTest.Worse(A, B, 1, margin: 0.05).PWorse, 1e-12);
        var compared = PairedTest.Worse(A, B, 1);
        Assert.Equal((10, 2, 6, 2, true), (compared.Queries, compared.Better, compared.Worse, compared.Equal, compared.Exact));
        Assert.Equal(A.Average(), compared.Candidate, 1e-12);
        Assert.Equal(B.Average(), compared.Current, 1e-12);
        Assert.Equal(A.Zip(B, (a, b) => a - b).Average(), compared.Difference.Mean, 1e-12);
        Assert.InRange(compared.Difference.Mean, compared.Difference.Low, compared.Difference.High);
    }

    [Fact]
    public void Worse_DrawsAssignments_NearScipysValue_WhenTheyAreTooMany()
    {
        // scipy drew 200,000 of the 2^200 assignments for its .11943.
        var x = Enumerable.Range(0, 200).Select(i => i * 7919 % 101 / 101.0).ToArray();
        var y = Enumerable.Range(0, 200).Select(i => (i * 7919 % 101 / 101.0 * 0.9) + (i * 104729 % 97 / 97.0 * 0.1) + .004).ToArray();
        var compared = PairedTest.Worse(x, y, 17, resamples: 100_000);
        Assert.False(compared.Exact);
        Assert.Equal(0.11943, compared.PWorse, 0.005);
        Assert.Equal(compared, PairedTest.Worse(x, y, 17, resamples: 100_000));
        Assert.NotEqual(compared.PWorse, PairedTest.Worse(x, y, 18, resamples: 100_000).PWorse);
    }

    [Fact]
    public void Worse_CannotTell_WhereNothingDiffers()
    {
        Assert.Equal((1.0, 10), (PairedTest.Worse(A, A, 1).PWorse, PairedTest.Worse(A, A, 1).Equal));
        Assert.Throws<ArgumentException>(() => PairedTest.Worse(A, B.AsSpan(1), 1));
        Assert.Throws<ArgumentException>(() => PairedTest.Worse([], [], 1));
    }

    /// <summary>Under the null hypothesis p-values below alpha come with a frequency of alpha at most.</summary>
    [Fact]
    public void Worse_RejectsAsOftenAsItsLevelSays_WhenBothAreEquallyGood()
    {
        var random = new Random(5);
        var rejected = 0;
        for (var trial = 0; trial < 2000; trial++)
        {
            var x = Enumerable.Range(0, 12).Select(_ => random.NextDouble()).ToArray();
            var y = Enumerable.Range(0, 12).Select(_ => random.NextDouble()).ToArray();
            rejected += PairedTest.Worse(x, y, 1).PWorse <= 0.05 ? 1 : 0;
        }

        // 2000 trials at 5 %: 100, standard deviation 9.7.
        Assert.InRange(rejected, 61, 139);
    }
}
