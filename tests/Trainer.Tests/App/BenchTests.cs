using TrainerApp;

namespace Trainer.Tests.App;

public sealed class BenchTests
{
    [Fact]
    public void StepFlops_AreThreeForwards_OfWhatIsPublishedForBertBase()
    {
        // BERT base over 128 tokens: 22.5 GFLOPs forward (Sun and others 2020, MobileBERT, table 4).
        var config = SyntheticBatches.Bert(768, 12, 12, 3072, 30522, 512, 0.1);
        var both = BenchCommand.StepFlops(config, pairs: 1, negatives: 0, query: 128, passage: 128);
        Assert.InRange(both / 3 / 2, 22.5e9 * 0.98, 22.5e9 * 1.02);
        Assert.Equal(2 * both, BenchCommand.StepFlops(config, pairs: 1, negatives: 2, query: 128, passage: 128));
    }

    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", 989.0)]
    [InlineData("NVIDIA H100 PCIe", 756.0)]
    [InlineData("NVIDIA H200", 989.0)]
    [InlineData("NVIDIA A100-SXM4-40GB", 312.0)]
    [InlineData("NVIDIA L40S", 362.0)]
    [InlineData("NVIDIA L4", 121.0)]
    [InlineData("NVIDIA A10G", 70.0)]
    [InlineData("NVIDIA Test 9000", null)]
    public void Peak_IsThatOfTheDataSheet_ByName(string name, double? tflops) => Assert.Equal(tflops, DevicePeak.BFloat16Tflops(name));
}
