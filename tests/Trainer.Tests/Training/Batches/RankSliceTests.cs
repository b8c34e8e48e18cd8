using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class RankSliceTests
{
    [Fact]
    public void Of_CutsABatchIntoRunsThatDifferByOneAtMost()
    {
        for (var ranks = 1; ranks <= 9; ranks++)
        {
            for (var rows = ranks; rows < 50; rows++)
            {
                var slices = Enumerable.Range(0, ranks).Select(r => RankSlice.Of(rows, r, ranks)).ToList();
                Assert.Equal(Enumerable.Range(0, rows), slices.SelectMany(s => Enumerable.Range(s.Start, s.End - s.Start)));
                Assert.All(slices, s => Assert.InRange(s.End - s.Start, rows / ranks, (rows + ranks - 1) / ranks));
            }
        }
    }

    [Fact]
    public void Require_SaysWhatToDo_WhenABatchCannotBeShared()
    {
        int[][] plan = [new int[8], new int[6], new int[3]];
        RankSlice.Require(plan, 3);
        Assert.Contains("3 rows cannot be shared by 4", Assert.Throws<TrainerException>(() => RankSlice.Require(plan, 4)).Message, StringComparison.Ordinal);
        Assert.Contains("Batch 0 has 8 rows", Assert.Throws<TrainerException>(() => RankSlice.Require(plan, 3, equal: true)).Message, StringComparison.Ordinal);
        RankSlice.Require([new int[8], new int[4]], 4, equal: true);
    }
}
