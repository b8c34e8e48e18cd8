using TorchSharp;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class TrainEnvironmentTests
{
    static readonly TrainEnvironment Here = new() { Threads = 2, Processor = "x64 A", Instructions = "AVX2", Blas = "OpenBLAS (libopenblas.so.0)", Libtorch = "1.13.0", Device = "cpu" };

    [Fact]
    public void Current_NamesWhatThisProcessComputesWith()
    {
        PythonTorch.RequireTorch();
        var now = TrainEnvironment.Current(3, torch.CPU);
        Assert.Equal((3, "cpu", TorchRuntime.Version), (now.Threads, now.Device, now.Libtorch));
        Assert.Contains($"CPU capability usage: {now.Instructions}", TorchRuntime.BuildConfiguration, StringComparison.Ordinal);
        Assert.DoesNotContain('/', now.Blas);
        Assert.Contains(now.Processor.Split(' ', 2)[1], File.ReadAllText("/proc/cpuinfo"), StringComparison.Ordinal);
        Assert.Empty(TrainEnvironment.Differences(now, TrainEnvironment.Current(3, torch.CPU)));
    }

    [Fact]
    public void Announce_TellsAndRecordsEachDifference()
    {
        var observer = new SmallTraining.Observer();
        var now = Here with { Threads = 4, Blas = "reference BLAS (libblas.so.3)", Device = "cuda NVIDIA H200" };
        Assert.Equal(3, TrainEnvironment.Announce(Here, now, 7, observer).Count);
        Assert.Contains("threads was 2, is 4; BLAS was OpenBLAS (libopenblas.so.0), is reference BLAS (libblas.so.3); device was cpu, is cuda NVIDIA H200", Assert.Single(observer.Lines), StringComparison.Ordinal);
        var recorded = Assert.Single(observer.Events);
        Assert.Equal(("environment_changed", 7L), (recorded.Kind, recorded.Step));

        Assert.Empty(TrainEnvironment.Announce(Here, Here with { }, 7, observer));
        Assert.Empty(TrainEnvironment.Announce(null, Here, 7, observer));
        Assert.Single(observer.Events);
    }

    [Fact]
    public void Checkpoint_KeepsTheEnvironment()
    {
        PythonTorch.RequireTorch();
        var root = Directory.CreateTempSubdirectory().FullName;
        using var training = new SmallTraining();
        Checkpoint.Write(Path.Combine(root, "checkpoint-00000000"), training.State with { Environment = Here }, training.Contents, training.Log);
        Assert.Equal(Here, Checkpoint.Restore(Checkpoint.Find(root), SmallTraining.Fingerprint, _ => training.Contents, _ => { })!.Value.State.Environment);
        Directory.Delete(root, recursive: true);
    }
}
