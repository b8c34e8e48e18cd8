using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

/// <summary>Faults arrive as PyTorch says them, without the C++ stack, and leave nothing behind.</summary>
[Collection(TorchCollection.Name)]
public sealed class ErrorTests : IDisposable
{
    readonly DisposeScope scope;

    public ErrorTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
    }

    [Fact]
    public void Matmul_TellsTheShapes_WhenTheyDoNotFit()
    {
        var error = Assert.ThrowsAny<ExternalException>(() => ones(2, 3).mm(ones(4, 5)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", error.Message);
    }

    [Fact]
    public void Faults_LeaveNoHandle()
    {
        var (a, b) = (ones(2, 3), ones(4, 5));
        var before = TorchCollection.SettledHandles();
        for (var k = 0; k < 100; k++)
        {
            Assert.Throws<TorchException>(() => a.mm(b));
        }
        Assert.Equal(before, TorchRuntime.LiveHandles);
    }

    [Fact]
    public void Faults_HaveOneSentence_AndNoStack()
    {
        Action[] faults =
        [
            () => ones(2, 3).view(7), () => ones(2, 3).select(0, 5), () => cat([ones(2, 3), ones(4, 5)]), () => ones(2).backward(), () => empty(1L << 60),
            () => ones(-1), () => ones(2).ToSingle(), () => nn.functional.embedding(tensor([9L]), ones(3, 2)), () => arange(3).requires_grad_(), () => ones(2).to(new Device(DeviceType.CUDA)),
        ];
        Assert.All(faults, f => Assert.DoesNotMatch("Exception raised from|frame #|\\.so", Assert.ThrowsAny<TorchException>(f).Message));
        Assert.All(faults, f => Assert.NotEqual("", Assert.ThrowsAny<TorchException>(f).Message));
    }

    [Fact]
    public void Data_IsChecked_AgainstTypeAndShape()
    {
        Assert.Contains("6 elements", Assert.Throws<ArgumentException>(() => tensor([1f, 2], [2L, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => ones(2).data<long>()).Message, StringComparison.Ordinal);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => ones(2).sum().item<long>()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ones(2).data<float>()[2]);
        Assert.Throws<ArgumentException>(() => ones(2, 2).data<float>()[0, 0, 0]);
        Assert.Throws<ArgumentException>(() => ones(2).data<float>().CopyTo(new float[1]));
        Assert.Throws<InvalidOperationException>(() => ones(2, 3).t().bytes.Length);
        Assert.Throws<ArgumentException>(() => ones(2, 3)[0, 1, TensorIndex.Colon]);
        Assert.Throws<ArgumentException>(() => new Device("tpu:0"));
    }

    [Fact]
    public void Cuda_SaysWhy_WhenThereIsNone()
    {
        Assert.SkipWhen(cuda.is_available(), "there is a CUDA device here");
        Assert.Equal(0, cuda.device_count());
        Assert.Contains("CUDA", Assert.Throws<TorchException>(() => TorchRuntime.CudaMemory()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();
}
