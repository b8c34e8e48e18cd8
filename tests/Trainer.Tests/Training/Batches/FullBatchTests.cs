using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class FullBatchTests
{
    [Fact]
    public void Of_HasEveryTextAtFullLength_LaidOutAsATrainingsBatch()
    {
        var batch = FullBatch.Of(rows: 3, length: 20, queryLength: 8, passageLength: 64, negatives: 2, vocabulary: 100);
        Assert.Equal((3, 24), (batch.Queries.Count, batch.Queries.Ids.Length));
        Assert.Equal((9, 180), (batch.Passages.Count, batch.Passages.Ids.Length));
        Assert.All(Enumerable.Range(0, 9), p => Assert.Equal(20, batch.Passages.End(p) - batch.Passages.Offsets[p]));
        Assert.All(batch.Passages.Ids, id => Assert.InRange(id, 50, 99));
        Assert.Equal(3 * 9, batch.Excluded.Length);

        // As Build lays out rows of which all have their negatives.
        var rows = TrainBatch.Build(SyntheticRows.Build(30, 400), [4, 5, 6], 2, 0, 1);
        Assert.Equal((rows.Group, rows.Passages.Count), (batch.Group, batch.Passages.Count));
        Assert.Equal(rows.Own, batch.Own);
    }
}
