using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class BatchSizesTests
{
    // Totals of Table 9 of the BGE-M3 paper (Chen et al. 2024): 96 devices for unsupervised pairs, 24 for fine-tuning.
    static readonly int[] Unsupervised = [67_200, 54_720, 37_248, 27_648, 21_504, 17_280, 15_072, 12_288, 9_984];
    static readonly int[] FineTune = [1_152, 768, 480, 432, 336, 336, 288, 240, 192];

    [Fact]
    public void M3_IsThePapersTable_PerDevice()
    {
        Assert.Equal(Unsupervised, BatchSizes.M3Unsupervised.Select(b => b.BatchSize * 96));
        Assert.Equal(FineTune, BatchSizes.M3.Select(b => b.BatchSize * 24));
        Assert.Equal([500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8192], BatchSizes.M3.Select(b => b.MaxLength));
        Assert.Same(BatchSizes.M3, BatchSizes.Of(new BatchOptions { Table = BatchTable.M3 }));
    }

    [Fact]
    public void Of_SaysWhatIsWrong_WithATable()
    {
        Assert.Contains("sizes[1]", Throws(new BatchOptions { Sizes = [new(64, 8), new(64, 4)] }), StringComparison.Ordinal);
        Assert.Contains("one of the two", Throws(new BatchOptions { Table = BatchTable.M3, Sizes = [new(64, 8)] }), StringComparison.Ordinal);
        Assert.Contains("found by trial", Throws(new BatchOptions { Table = BatchTable.Auto }), StringComparison.Ordinal);

        static string Throws(BatchOptions options) => Assert.Throws<TrainerException>(() => BatchSizes.Of(options)).Message;
    }
}
