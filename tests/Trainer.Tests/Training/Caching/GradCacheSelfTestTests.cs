using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training.Caching;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

[Collection(TorchCollection.Name)]
public sealed class GradCacheSelfTestTests
{
    public GradCacheSelfTestTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Check_Passes_AndLeavesGradientsAlone(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense);
        encoder.Precision = precision;
        var (queries, passages) = CachingCase.Texts();
        var marked = encoder.Parameters[0].Value;
        marked.grad = ones_like(marked);
        var found = GradCacheSelfTest.Check(encoder, new InfoNce(0.05), CPU, queries, passages, CachingCase.Known(), 3);
        Assert.InRange(found.Cosine, 0.9999, 1.0001);
        Assert.All(marked.grad!.data<float>().ToArray(), g => Assert.Equal(1f, g));
        Assert.Null(encoder.Parameters[1].Value.grad);
    }

    [Fact]
    public void Check_RefusesAnEncoderThatDrawsByItself_WithTheFigures()
    {
        using var scope = NewDisposeScope();
        using var encoder = new Noisy(CachingCase.Encoder(HeadSet.Dense));
        var (queries, passages) = CachingCase.Texts();
        var error = Assert.Throws<TrainerException>(() => GradCacheSelfTest.Check(encoder, new InfoNce(0.05), CPU, queries, passages, CachingCase.Known(), 3));
        Assert.Matches(@"on 6 rows .* differ from those of one graph by [0-9.E-]+ \(cosine [0-9.]+, loss [0-9.E-]+\); expected at most 1E-06", error.Message);
    }

    /// <summary>An encoder with noise of its own.</summary>
    internal sealed class Noisy(IEncoder inner) : IEncoder
    {
        readonly Random _random = new(1);

        public string Type => "noisy";

        public bool SpecialTokens => true;

        public Precision Precision { get; set; }

        public int Dimensions => inner.Dimensions;

        public IReadOnlyList<(string Name, Parameter Value)> Parameters => inner.Parameters;

        public bool Training
        {
            get => inner.Training;
            set => inner.Training = value;
        }

        public Tensor Forward(TokenBatch batch, TextRole role)
        {
            using var scope = NewDisposeScope();
            return (inner.Forward(batch, role) * (float)(1 + (0.1 * _random.NextDouble()))).MoveToOuterDisposeScope();
        }

        public void Dispose() => inner.Dispose();
    }
}
