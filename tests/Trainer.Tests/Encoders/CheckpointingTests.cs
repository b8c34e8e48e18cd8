using System.Runtime.InteropServices;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>Layers that are computed again in the backward pass: the same gradients, less memory.</summary>
[Collection(TorchCollection.Name)]
public sealed partial class CheckpointingTests
{
    // Width 24 has no fused kernels: that is the form that other devices take.
    [Theory]
    [InlineData(64, Precision.Fp32)]
    [InlineData(64, Precision.Bf16)]
    [InlineData(24, Precision.Fp32)]
    [InlineData(24, Precision.Bf16)]
    public void Gradients_AreBitForBitThePlainOnes_WithDropout(int width, Precision precision)
    {
        PythonTorch.RequireTorch();
        set_num_threads(2);
        var before = TorchRuntime.LiveHandles;
        var (plain, next) = Run(checkpointing: false);
        var (again, nextAgain) = Run(checkpointing: true);

        Assert.Equal(plain, again);
        Assert.Equal(next, nextAgain);
        // Finalizers may have freed what other tests left, so fewer is as good.
        Assert.InRange(TorchRuntime.LiveHandles, 0, before);

        (float[] Values, double Next) Run(bool checkpointing)
        {
            using var scope = NewDisposeScope();
            using var encoder = Encoder(width, precision, checkpointing);
            manual_seed(3);
            var states = encoder.Forward(PackedParityTests.Texts(encoder.Config, 30, 2, 17, 64, 5)).Values;
            (states * states).sum().backward();
            // The generator goes on as if nothing had been computed twice.
            return ([.. encoder.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray()), .. states.data<float>().ToArray()], rand(1).ToDouble());
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(24)]
    public void Graph_HoldsMuchLess_WhenStatesAreComputedAgain(int width)
    {
        PythonTorch.RequireTorch();
        var (plain, checkpointed) = (Held(false), Held(true));

        Assert.True(checkpointed < 0.5 * plain, $"{checkpointed} bytes of {plain}");

        double Held(bool checkpointing)
        {
            using var scope = NewDisposeScope();
            using var encoder = Encoder(width, Precision.Fp32, checkpointing);
            var batch = PackedParityTests.Texts(encoder.Config, [.. Enumerable.Repeat(60, 60)]);
            var before = Allocated();
            var states = encoder.Forward(batch).Values;
            var held = Allocated() - before;
            states.sum().backward();
            return held;
        }
    }

    [Fact]
    public void Failure_InThePart_ComesOutWithItsOwnWords()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);
        var calls = 0;

        var y = Recompute.Run(h => ++calls == 1 ? h * 2 : throw new InvalidOperationException("no second time"), x, []);

        Assert.Contains("no second time", Assert.Throws<TorchException>(() => y.sum().backward()).Message, StringComparison.Ordinal);
        Assert.Contains("not once", Assert.Throws<TorchException>(() => Recompute.Run(_ => throw new InvalidOperationException("not once"), x, [])).Message, StringComparison.Ordinal);
    }

    static TransformerEncoder Encoder(int width, Precision precision, bool checkpointing)
    {
        var encoder = TransformerEncoder.Create(PackedParityTests.Shape(0.1, 0.1) with { HiddenSize = width, Layers = 4 }, 11);
        (encoder.Training, encoder.Precision, encoder.Checkpointing) = (true, precision, checkpointing);
        return encoder;
    }

    // Bytes that the C library has given out: libtorch's tensors on the CPU lie there.
    static double Allocated() => (double)mallinfo2().Used;

    [LibraryImport("libc")]
    private static partial MallocInfo mallinfo2();

    [StructLayout(LayoutKind.Sequential)]
    struct MallocInfo
    {
        public nuint Arena, Free, FastFree, Maps, Mapped, Unused, Fast, Used, Unclaimed, Top;
    }
}
