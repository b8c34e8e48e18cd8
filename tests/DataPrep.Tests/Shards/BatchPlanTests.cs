using DataPrep.Shards;

namespace DataPrep.Tests.Shards;

public sealed class BatchPlanTests
{
    static readonly ShardSummary[] Shards = [new(0, 100), new(1, 37), new(0, 63), new(2, 5)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(65537)]
    public void SeededPermutation_ListsEveryItemOnce(int count)
    {
        var permutation = new SeededPermutation(count, 42);
        var seen = new HashSet<long>();
        for (var i = 0; i < count; i++)
        {
            Assert.InRange(permutation[i], 0, count - 1);
            Assert.True(seen.Add(permutation[i]));
        }
    }

    [Fact]
    public void SeededPermutation_SpreadsNeighbours()
    {
        // Expected distance of two random items of [0, n) is n/3; an order that kept neighbours together would be far below.
        const int Count = 10_000;
        var permutation = new SeededPermutation(Count, 7);
        var mean = Enumerable.Range(1, Count - 1).Average(i => Math.Abs(permutation[i] - permutation[i - 1]));
        Assert.InRange(mean, Count / 3.0 * 0.95, Count / 3.0 * 1.05);
    }

    [Fact]
    public void Plan_ShowsNoRowTwice_AndKeepsBucketsApart()
    {
        var plan = new BatchPlan(Shards, 16, 3, 0);
        var rows = plan.SelectMany(b => b).ToList();
        Assert.Equal(rows.Count, rows.Distinct().Count());
        Assert.Equal((163 / 16) + (37 / 16) + 1, plan.Count);
        Assert.All(plan, batch => Assert.Single(batch.Select(BucketOf).Distinct()));
        Assert.All(plan, batch => Assert.Equal(BucketOf(batch[0]) == 2 ? 5 : 16, batch.Length));
    }

    [Fact]
    public void Plan_IsAPureFunction_AndEveryEpochDiffers()
    {
        var whole = new BatchPlan(Shards, 16, 3, 1).ToList();
        for (var i = whole.Count - 1; i >= 0; i--)
        {
            Assert.Equal(whole[i], new BatchPlan(Shards, 16, 3, 1)[i]);
        }

        Assert.NotEqual(whole[0], new BatchPlan(Shards, 16, 3, 2)[0]);
        Assert.NotEqual(whole[0], new BatchPlan(Shards, 16, 4, 1)[0]);
    }

    [Fact]
    public void Plan_LeavesOutOtherRows_InOtherEpochs()
    {
        var seen = Enumerable.Range(0, 40).SelectMany(e => new BatchPlan(Shards, 16, 3, e).SelectMany(b => b)).Distinct().Count();
        Assert.Equal(205, seen);
    }

    [Fact]
    public void Plan_IsRefused_WhenThereIsNoRow() =>
        Assert.Contains("0 rows", Assert.Throws<DataPrepException>(() => new BatchPlan([new(0, 0)], 16, 3, 0)).Message);

    static int BucketOf(int row) => row < 100 ? 0 : row < 137 ? 1 : row < 200 ? 0 : 2;
}
