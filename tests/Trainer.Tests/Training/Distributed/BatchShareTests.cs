using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Training.Distributed;

namespace Trainer.Tests.Training.Distributed;

public sealed class BatchShareTests
{
    // Rows 0 to 4 with 2, 0, 1, 2 and 1 hard negatives; candidate 8 is one of rows 2 and 4.
    static readonly int[] Own = [0, 5, 6, 1, -1, -1, 2, 8, -1, 3, 7, 9, 4, 8, -1];

    [Fact]
    public void Of_GivesEveryRowAndCandidateToOneRank_PositivesFirst()
    {
        var shares = Enumerable.Range(0, 2).Select(r => BatchShare.Of(r, 2, 5, 10, Own)).ToList();
        Assert.Equal([new RowRange(0, 2), new RowRange(2, 3)], shares.Select(s => s.Rows));
        Assert.Equal([0, 1, 5, 6], shares[0].Passages);
        Assert.Equal([2, 3, 4, 7, 8, 9], shares[1].Passages);
        Assert.Equal([(5, 10), (5, 10)], shares.Select(s => (s.Count, s.Candidates)));
    }

    [Fact]
    public void Of_TakesTheWholeBatch_InOneProcess()
    {
        var share = BatchShare.Of(DistributedContext.Single, 5, 10, Own);
        Assert.Equal((new RowRange(0, 5), 10), (share.Rows, share.Passages.Count));
        Assert.Equal(Enumerable.Range(0, 10), share.Passages);
    }

    [Fact]
    public void Texts_AreThoseOfTheShare()
    {
        // Text i is the tokens 10 i and 10 i + 1, text 5 has none.
        var ids = Enumerable.Range(0, 10).Where(i => i != 5).SelectMany(i => new[] { 10L * i, (10 * i) + 1 }).ToArray();
        var batch = new TokenBatch(ids, [0, 2, 4, 6, 8, 10, 10, 12, 14, 16]) { Types = [.. ids.Select(i => i % 2)] };
        var share = BatchShare.Of(0, 2, 5, 10, Own);
        var passages = share.PassagesOf(batch);
        Assert.Equal([0, 1, 10, 11, 60, 61], passages.Ids);
        Assert.Equal([0, 2, 4, 4], passages.Offsets);
        Assert.Equal([0, 1, 0, 1, 0, 1], passages.Types!);
        Assert.Equal([0, 1, 10, 11], share.Queries(batch).Ids);
    }

    [Theory]
    [InlineData(3, 3, new[] { 0, 1, 2 }, "A batch of 3 rows cannot be shared by 4 processes")]
    [InlineData(4, 5, new[] { 0, 1, 2, 3 }, "Candidate 4 of the batch belongs to no row")]
    [InlineData(4, 4, new[] { 1, 0, 2, 3 }, "The positive of row 1 is candidate 0; expected 1")]
    [InlineData(4, 5, new[] { 0, 4, 1, 5, 2, -1, 3, -1 }, "Row 1 of the batch has candidate 5 of its own; the batch has 5")]
    public void Of_RefusesWhatCannotBeShared(int rows, int candidates, int[] own, string fault)
    {
        var error = Assert.Throws<TrainerException>(() => BatchShare.Of(0, 4, rows, candidates, own));
        Assert.StartsWith(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_AreThoseOfTheLocalRank()
    {
        using var one = DistributedContext.Join(new LaunchEnvironment(0, 1, 0, "localhost", 29500), "cuda");
        Assert.Equal(("cpu", "cuda:0", "cuda:1"), (one.DeviceOf("cpu"), one.DeviceOf("cuda"), one.DeviceOf("cuda:1")));
        Assert.Equal("cuda", DistributedContext.Single.DeviceOf("cuda"));
    }
}
