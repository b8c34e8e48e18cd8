using TorchSharp;
using Trainer.Tests.Torch;
using TrainerApp;

namespace Trainer.Tests.App;

[Collection(TorchCollection.Name)]
public sealed class SelfTestTests
{
    public SelfTestTests() => PythonTorch.RequireTorch();

    [Fact]
    public void SelfTest_Passes_OnEveryDeviceOfThisMachine()
    {
        Assert.All(TorchRuntime.Devices, device =>
        {
            var checks = new SelfTest(device).Run().ToList();
            Assert.Equal(12, checks.Count);
            Assert.All(checks, check => Assert.True(check.Passed, $"{device}, {check.Name}: {check.Found}"));
        });
    }

    [Fact]
    public void SelfTest_LeavesNothingBehind()
    {
        _ = new SelfTest(torch.CPU).Run().ToList();
        var before = TorchCollection.SettledHandles();
        _ = new SelfTest(torch.CPU).Run().ToList();
        Assert.Equal(before, TorchCollection.SettledHandles());
    }
}
