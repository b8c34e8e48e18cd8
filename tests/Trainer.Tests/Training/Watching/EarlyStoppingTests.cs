using Trainer.Training.Watching;

namespace Trainer.Tests.Training.Watching;

/// <summary>
/// Early stopping against EarlyStoppingCallback and Trainer._determine_best_metric of Transformers, whose rules are written out here in their own words:
/// improved iff best is None or (operator(value, best) and abs(value - best) > threshold); best moves iff operator(value, best).
/// </summary>
public sealed class EarlyStoppingTests
{
    [Theory]
    // An improvement by exactly the threshold is none.
    [InlineData("0.5 0.75 1.0", 0.25, 2, false, 3)]
    [InlineData("0.5 0.75001 1.1", 0.25, 2, false, 0)]
    // The best creeps up in steps below the threshold, and patience runs out though every value is a new best.
    [InlineData("0.50 0.51 0.52 0.53", 0.015, 3, false, 4)]
    // A step above the threshold over the crept-up best counts, one over the first value alone does not.
    [InlineData("0.50 0.51 0.52 0.53 0.54", 0.02, 9, false, 0)]
    [InlineData("0.5 0.4 0.6 0.5 0.5", 0, 2, false, 5)]
    [InlineData("0.5 0.5 0.5", 0, 2, false, 3)]
    [InlineData("3 2 1 1.5 1.2", 0, 2, true, 5)]
    [InlineData("3 2.5 2.4 2.2", 0.25, 2, true, 4)]
    [InlineData("0.5 NaN NaN", 0, 2, false, 3)]
    [InlineData("0.5 0.4 0.3", 0, 0, false, 0)]
    public void Stopping_StopsWhereTransformersDoes(string series, double threshold, int patience, bool loss, int stopsAt)
    {
        var options = new EarlyStoppingOptions { Patience = patience == 0 ? null : patience, Threshold = threshold };
        var values = series.Split(' ').Select(double.Parse).ToList();
        var state = new EarlyStoppingState();
        double? best = null;
        var (counter, found, expected) = (0, 0, 0);
        for (var i = 0; i < values.Count; i++)
        {
            bool Better(double a, double b) => loss ? a < b : a > b;
            if (best is null || (Better(values[i], best.Value) && Math.Abs(values[i] - best.Value) > threshold))
            {
                counter = 0;
            }
            else
            {
                counter++;
            }

            expected = expected == 0 && patience > 0 && counter >= patience ? i + 1 : expected;
            best = best is null || Better(values[i], best.Value) ? values[i] : best;

            (state, var stop) = state.After(values[i], loss, options);
            found = found == 0 && stop ? i + 1 : found;
            Assert.Equal(counter, state.Waited);
            Assert.Equal(best, state.Best);
        }

        Assert.Equal(stopsAt, found);
        Assert.Equal(expected, found);
    }
}
