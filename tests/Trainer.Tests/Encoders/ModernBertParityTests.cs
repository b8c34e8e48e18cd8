using System.Text.Json;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>ModernBERT against the published formulas written in python3-torch: the states of every layer, the embeddings and all gradients, in each form that attention takes.</summary>
[Collection(TorchCollection.Name)]
public sealed class ModernBertParityTests
{
    // Runs of equal texts, texts shorter and longer than windows, and one longer than a block of queries.
    static readonly int[] Lengths = [20, 3, 300, 1, 9, 9, 5];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ForwardAndBackward_EqualPythons(bool biased)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        using var encoder = ModernBert.Create(biased ? ModernBert.Biased : ModernBert.Config);
        var (batch, target) = (ModernBert.Texts(Lengths), Target());
        Ask(python, encoder, batch, target, training: false);

        var padded = PaddedBatch.From(batch, encoder.Config.PadTokenId);
        var (ids, mask) = padded.ToTensors(CPU);
        var real = mask.unsqueeze(-1).to(float32);
        var states = encoder.States(ids, mask).Select(s => (s * real).data<float>().ToArray()).ToArray();
        var expected = python.Read<float>("states").Chunk(states[0].Length).ToArray();
        Assert.Equal(encoder.Config.Layers + 1, states.Length);
        Assert.All(states.Zip(expected), pair => Assert.InRange(BertGolden.Distance(pair.First, pair.Second), 0, 1e-5));
        Assert.Equal(File.ReadAllLines(Path.Combine(python.Folder, "names")), encoder.Parameters.Select(p => p.Name));

        Compare("padded", () => encoder.Forward(padded));
        Compare("packed", () => Packed(pads: false));
        Compare("packed, attention padded", () => Packed(pads: true));

        Tensor Packed(bool pads)
        {
            encoder.PadsAttention = pads;
            return encoder.Forward(batch).Padded();
        }

        void Compare(string form, Func<Tensor> forward)
        {
            using var inner = NewDisposeScope();
            var hidden = forward() * real;
            var pooled = Pooling.Pool(hidden, mask, PoolingMode.Mean);
            var loss = (pooled * tensor(target, pooled.shape)).sum();
            loss.backward();
            Assert.InRange(BertGolden.Distance(hidden.data<float>().ToArray(), python.Read<float>("hidden")), 0, 1e-5);
            Assert.InRange(BertGolden.Distance(pooled.data<float>().ToArray(), python.Read<float>("embeddings")), 0, 1e-5);
            Assert.Equal(python.Read<double>("loss")[0], loss.ToDouble(), 1e-5);
            CompareGradients(form, encoder, python);
        }
    }

    [Fact]
    public void Dropout_FallsWherePythonsDoes()
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        var config = ModernBert.Config with { HiddenDropout = 0.1, AttentionDropout = 0.2, Modern = ModernBert.Config.Modern! with { MlpDropout = 0.3 } };
        using var encoder = ModernBert.Create(config);
        var (batch, target) = (ModernBert.Texts(Lengths), Target());
        Ask(python, encoder, batch, target, training: true);

        encoder.Training = true;
        manual_seed(5);
        var padded = PaddedBatch.From(batch, encoder.Config.PadTokenId);
        var mask = padded.ToTensors(CPU).Mask;
        var hidden = encoder.Forward(padded) * mask.unsqueeze(-1);
        (Pooling.Pool(hidden, mask, PoolingMode.Mean) * tensor(target, [Lengths.Length, config.HiddenSize])).sum().backward();

        Assert.InRange(BertGolden.Distance(hidden.data<float>().ToArray(), python.Read<float>("hidden")), 0, 1e-5);
        CompareGradients("training", encoder, python);
        set_num_threads(2);
    }

    static float[] Target()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, Lengths.Length * ModernBert.Config.HiddenSize).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    static void Ask(PythonTorch python, TransformerEncoder encoder, TokenBatch batch, float[] target, bool training)
    {
        ModernBert.Write(encoder, python.Folder);
        var padded = PaddedBatch.From(batch, encoder.Config.PadTokenId);
        python.Write<long>("ids", padded.Ids);
        python.Write<long>("mask", padded.ToTensors(CPU).Mask.to(int64).data<long>().ToArray());
        python.Write<float>("target", target);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { batch = padded.Count, width = padded.Width, seed = 5, training }));
        python.Run(Path.Combine(AppContext.BaseDirectory, "Encoders", "modernbert_step.py"));
    }

    // Sums over tokens are in another order here; a gradient's own size says what its last digit is.
    static void CompareGradients(string form, TransformerEncoder encoder, PythonTorch python)
    {
        var (expected, at) = (python.Read<float>("gradients"), 0);
        foreach (var (name, value) in encoder.Parameters)
        {
            var found = value.grad!.data<float>().ToArray();
            var wanted = expected.AsSpan(at, found.Length);
            var largest = Math.Max(1, wanted.ToArray().Max(Math.Abs));
            Assert.True(BertGolden.Distance(found, wanted) <= 1e-5 * largest, $"{form}, {name}: {BertGolden.Distance(found, wanted)} of {largest}");
            at += found.Length;
            value.grad = null;
        }

        Assert.Equal(expected.Length, at);
    }
}
