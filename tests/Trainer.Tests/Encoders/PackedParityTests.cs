using System.Text.Json;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>Texts end to end: forward and backward against python3-torch, against the padded form here, and against differences of the loss where dropout is on.</summary>
[Collection(TorchCollection.Name)]
public sealed class PackedParityTests
{
    const int Rows = 12;

    [Theory]
    [InlineData("bert-mini", false)]
    [InlineData("bert-mini", true)]
    [InlineData("xlmr-mini", false)]
    public void ForwardAndBackward_EqualPythons_WithoutPadding(string model, bool typed)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(2);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.WriteAllBytes(Path.Combine(python.Folder, name), File.ReadAllBytes(Path.Combine(Fixture.Shared($"golden/{model}"), name)));
        }

        using var encoder = BertGolden.Load(model);
        var batch = BertGolden.Batch(BertGolden.Ids(model).Skip(4).Take(Rows));
        batch = batch with { Types = typed ? [.. batch.Ids.Select((_, i) => i % 3 == 1 ? 1L : 0L)] : null };
        var padded = PaddedBatch.From(batch, encoder.Config.PadTokenId);
        var random = new Random(3);
        var target = Enumerable.Range(0, Rows * encoder.Config.HiddenSize).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        python.Write<long>("ids", padded.Ids);
        python.Write<long>("mask", padded.ToTensors(CPU).Mask.to(int64).data<long>().ToArray());
        python.Write<long>("types", padded.Types ?? new long[padded.Ids.Length]);
        python.Write<float>("target", target);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { threads = 1, batch = Rows, width = padded.Width, seed = 5, training = false }));

        var states = encoder.Forward(batch);
        var loss = (Pooling.Pool(states.Padded(), states.Mask(), PoolingMode.Mean) * tensor(target, [Rows, encoder.Config.HiddenSize])).sum();
        loss.backward();

        python.Run(Path.Combine(AppContext.BaseDirectory, "Encoders", "bert_step.py"));
        Assert.InRange(BertGolden.Distance(states.Padded().data<float>().ToArray(), python.Read<float>("hidden")), 0, 1e-5);
        Assert.Equal(python.Read<double>("loss")[0], loss.ToDouble(), 1e-5);
        var (expected, at) = (python.Read<float>("gradients"), 0);
        foreach (var (name, value) in encoder.Parameters)
        {
            var found = value.grad!.data<float>().ToArray();
            var wanted = expected.AsSpan(at, found.Length);
            // Sums over tokens are in another order here; a gradient's own size says what its last digit is.
            var largest = Math.Max(1, wanted.ToArray().Max(Math.Abs));
            Assert.True(BertGolden.Distance(found, wanted) <= 1e-5 * largest, $"{name}: {BertGolden.Distance(found, wanted)} of {largest}");
            at += found.Length;
        }

        Assert.Equal(expected.Length, at);
    }

    // Width 8 has no fused kernels, so this is the form that other devices take.
    [Theory]
    [InlineData(TransformerConfig.Bert)]
    [InlineData(TransformerConfig.XlmRoberta)]
    public void GenericForm_EqualsThePaddedOne_InStatesAndGradients(string type)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var config = BertFolder.Config with { ModelType = type, PadTokenId = 1, MaxPositions = 9 };
        using var one = TransformerEncoder.Create(config, 4);
        using var other = TransformerEncoder.Create(config, 4);
        foreach (var lengths in new[] { new[] { 3, 6, 1 }, [4, 4], [1] })
        {
            var random = new Random(8);
            var batch = BertGolden.Batch(lengths.Select(n => Enumerable.Range(0, n).Select(_ => (long)random.Next(11)).ToArray()));
            batch = batch with { Types = [.. batch.Ids.Select(id => id % 2)] };
            var states = one.Forward(batch);
            var padded = other.Forward(PaddedBatch.From(batch, 1)) * states.Mask().unsqueeze(-1);
            var weights = randn(padded.shape);

            (states.Padded() * weights).sum().backward();
            (padded * weights).sum().backward();

            Assert.InRange(BertGolden.Distance(states.Padded().data<float>().ToArray(), padded.data<float>().ToArray()), 0, 2e-6);
            foreach (var ((name, a), (_, b)) in one.Parameters.Zip(other.Parameters))
            {
                var wanted = b.grad!.data<float>().ToArray();
                Assert.True(BertGolden.Distance(a.grad!.data<float>().ToArray(), wanted) <= 1e-5 * Math.Max(1, wanted.Max(Math.Abs)), name);
            }
        }
    }

    [Theory]
    [InlineData(0.0, 0.3)]
    [InlineData(0.3, 0.0)]
    [InlineData(0.2, 0.2)]
    public void Gradients_AreSlopesOfTheLoss_WhileTheSameElementsAreDropped(double hidden, double attention)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var encoder = TransformerEncoder.Create(Shape(hidden, attention), 11);
        encoder.Training = true;
        var batch = Texts(encoder.Config, 5, 3, 40, 1, 9);
        var weights = randn(batch.Ids.Length, encoder.Config.HiddenSize);
        Loss().backward();

        foreach (var (name, value) in encoder.Parameters)
        {
            // Along the gradient itself, so that the slope is as large as it can be against the noise of 32 bits.
            using var constant = no_grad();
            var slope = value.grad!.norm().ToDouble();
            if (slope < 1e-3)
            {
                continue;
            }

            var direction = value.grad! / slope;
            const double Width = 4e-3;
            value.add_(direction * Width);
            var above = Loss().ToDouble();
            value.add_(direction * (-2 * Width));
            var below = Loss().ToDouble();
            value.add_(direction * Width);
            Assert.True(Math.Abs(((above - below) / (2 * Width)) - slope) <= 0.02 * slope + 2e-2, $"{name}: slope {(above - below) / (2 * Width)}, gradient {slope}");
        }

        Tensor Loss()
        {
            manual_seed(21);
            return (encoder.Forward(batch).Values * weights).sum();
        }
    }

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Step_RepeatsItsBits_ForTheSameSeedAndThreads(Precision precision)
    {
        PythonTorch.RequireTorch();
        set_num_threads(2);
        using var encoder = TransformerEncoder.Create(Shape(0.1, 0.1), 11);
        (encoder.Training, encoder.Precision) = (true, precision);
        var batch = Texts(encoder.Config, 30, 2, 17, 64, 5);
        var first = Bits(seed: 3);

        Assert.Equal(first, Bits(seed: 3));
        Assert.NotEqual(first, Bits(seed: 4));

        float[] Bits(long seed)
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            var values = encoder.Forward(batch).Values;
            values.square().sum().backward();
            var all = encoder.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray()).Concat(values.data<float>().ToArray()).ToArray();
            foreach (var (_, value) in encoder.Parameters)
            {
                value.grad = null;
            }

            return all;
        }
    }

    [Fact]
    public void Dropout_DropsItsShare_AndKeepsTheMean()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(9);
        var (tokens, norm) = (ones(4, 320), ones(320));
        var ids = Enumerable.Range(0, 4000).Select(i => i % 4L).ToArray();

        // The layer norm of equal values is its bias, 1: what is not dropped is 1 / 0.7.
        var values = FusedTransformer.Embed(tokens, tokens, tokens, norm, norm, ids, ids, null, 1e-5, 0.3, -1, -1);
        var dropped = values.eq(0).to(float32);

        Assert.Equal(0.3, dropped.mean().ToDouble(), 2e-3);
        Assert.Equal(1, values.mean().ToDouble(), 3e-3);
        // Neither rows nor columns have shares of their own: 4000 and 320 draws each, five deviations.
        Assert.InRange((dropped.mean([0L]) - 0.3).abs().max().ToDouble(), 0, 5 * Math.Sqrt(0.21 / 4000));
        Assert.InRange((dropped.mean([1L]) - 0.3).abs().max().ToDouble(), 0, 5 * Math.Sqrt(0.21 / 320));
        // Neighbours are dropped independently.
        Assert.Equal(0.09, (dropped.narrow(1, 0, 319) * dropped.narrow(1, 1, 319)).mean().ToDouble(), 2e-3);
        Assert.Equal(0.09, (dropped.narrow(0, 0, 3999) * dropped.narrow(0, 1, 3999)).mean().ToDouble(), 2e-3);
    }

    internal static TransformerConfig Shape(double hidden, double attention) => BertFolder.Config with
    {
        VocabularySize = 50,
        HiddenSize = 64,
        Heads = 2,
        IntermediateSize = 96,
        MaxPositions = 64,
        InitializerRange = 0.1,
        HiddenDropout = hidden,
        AttentionDropout = attention,
    };

    internal static TokenBatch Texts(TransformerConfig config, params int[] lengths)
    {
        var random = new Random(8);
        return BertGolden.Batch(lengths.Select(n => Enumerable.Range(0, n).Select(_ => (long)random.Next(1, (int)config.VocabularySize)).ToArray()));
    }
}
