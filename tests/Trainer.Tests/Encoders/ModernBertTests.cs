using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>What ModernBERT's windows show, and what must not change its states: other texts, padding, layers computed again.</summary>
[Collection(TorchCollection.Name)]
public sealed class ModernBertTests
{
    [Fact]
    public void Window_ShowsHalfOfItOnEitherSide_AndNoMore()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var narrow = ModernBert.Create(ModernBert.Config);
        using var whole = ModernBert.Create(ModernBert.Config with { Modern = ModernBert.Config.Modern! with { Window = 4000 } });

        // Window 8: a text of 5 tokens is seen whole from both its ends, the sixth is out of sight of the first.
        foreach (var pads in new[] { false, true })
        {
            (narrow.PadsAttention, whole.PadsAttention) = (pads, pads);
            Assert.Equal(States(whole, 5), States(narrow, 5));
            Assert.InRange(BertGolden.Distance(States(whole, 6), States(narrow, 6)), 1e-3, 10);
        }

        static float[] States(TransformerEncoder encoder, int length) => encoder.Forward(ModernBert.Texts(length)).Values.data<float>().ToArray();
    }

    [Fact]
    public void LayersInBetween_SeeNothingBeyondTheWindow()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();

        // The first layer sees all; its output is switched off, so that what a token learns of others is the second layer's alone.
        using var encoder = ModernBert.Create(ModernBert.Config with { Layers = 2 });
        encoder.Parameters.Single(p => p.Name == "layers.0.attn.Wo.weight").Value.zero_();
        var batch = ModernBert.Texts(300);
        var changed = batch with { Ids = [.. batch.Ids.Select((id, i) => i == 140 ? (id % 40) + 1 : id)] };
        var (before, after) = (encoder.Forward(batch).Values, encoder.Forward(changed).Values);

        var moved = (before - after).abs().amax([1L]).data<float>().ToArray();

        Assert.Equal(Enumerable.Range(136, 9), Enumerable.Range(0, 300).Where(i => moved[i] > 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void States_AreThoseOfTheTextAlone_WhateverIsBesideIt(bool pads)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var encoder = ModernBert.Create(ModernBert.Biased);
        encoder.PadsAttention = pads;
        var batch = ModernBert.Texts(20, 3, 200, 1, 9, 9, 700);
        var together = encoder.Forward(batch);
        var padded = encoder.Forward(PaddedBatch.From(batch, 0));
        for (var i = 0; i < batch.Count; i++)
        {
            var alone = encoder.Forward(batch.Slice(i, 1)).Values.data<float>().ToArray();
            var length = batch.End(i) - batch.Offsets[i];
            Assert.InRange(BertGolden.Distance(together.Values.narrow(0, batch.Offsets[i], length).data<float>().ToArray(), alone), 0, 5e-6);
            Assert.InRange(BertGolden.Distance(padded.select(0, i).narrow(0, 0, length).contiguous().data<float>().ToArray(), alone), 0, 5e-6);
        }
    }

    [Theory]
    [InlineData(Precision.Fp32, false)]
    [InlineData(Precision.Bf16, false)]
    [InlineData(Precision.Fp32, true)]
    [InlineData(Precision.Bf16, true)]
    public void Gradients_AreBitForBitThePlainOnes_WhenLayersAreComputedAgain(Precision precision, bool pads)
    {
        PythonTorch.RequireTorch();
        var before = TorchCollection.SettledHandles();
        var (plain, next) = Run(checkpointing: false);
        var (again, nextAgain) = Run(checkpointing: true);

        Assert.Equal(plain, again);
        Assert.Equal(next, nextAgain);
        Assert.InRange(TorchCollection.SettledHandles(), 0, before);

        (float[] Values, double Next) Run(bool checkpointing)
        {
            using var scope = NewDisposeScope();
            using var encoder = ModernBert.Create(ModernBert.Biased with { HiddenDropout = 0.1, AttentionDropout = 0.1, Modern = ModernBert.Biased.Modern! with { MlpDropout = 0.1 } });
            (encoder.Training, encoder.Precision, encoder.Checkpointing, encoder.PadsAttention) = (true, precision, checkpointing, pads);
            manual_seed(3);
            var states = encoder.Forward(ModernBert.Texts(30, 2, 17, 64, 5)).Values;
            states.square().sum().backward();
            return ([.. encoder.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray()), .. states.data<float>().ToArray()], rand(1).ToDouble());
        }
    }

    [Fact]
    public void Bf16_RoundsProducts_AndKeepsStatesAndGradientsIn32Bits()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var encoder = ModernBert.Create(ModernBert.Config);
        var batch = ModernBert.Texts(30, 2, 17, 140, 5);
        var exact = Run(Precision.Fp32);
        var rounded = Run(Precision.Bf16);

        Assert.All(exact.Zip(rounded), pair =>
        {
            Assert.Equal(float32, pair.Second.dtype);
            var (size, distance) = (pair.First.norm().ToDouble(), (pair.First - pair.Second).norm().ToDouble());
            Assert.InRange(distance, 1e-5 * size, 0.03 * size);
        });

        Tensor[] Run(Precision precision)
        {
            encoder.Precision = precision;
            var states = encoder.Forward(batch).Values;
            states.square().sum().backward();
            Tensor[] all = [states.detach(), .. encoder.Parameters.Select(p => p.Value.grad!.clone())];
            foreach (var (_, value) in encoder.Parameters)
            {
                value.grad = null;
            }

            return all;
        }
    }

    [Fact]
    public void Create_CutsItsDraws_AndMakesMapsBackSmaller()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var encoder = TransformerEncoder.Create(ModernBert.Config with { VocabularySize = 4000, Layers = 8, InitializerRange = 0.5 }, 7);
        using var again = TransformerEncoder.Create(encoder.Config, 7);
        Assert.All(encoder.Parameters.Zip(again.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
        foreach (var (name, value) in encoder.Parameters)
        {
            var values = value.data<float>().ToArray();
            if (value.ndim == 1)
            {
                Assert.All(values, v => Assert.Equal(1f, v));
                continue;
            }

            // A normal cut at two deviations keeps a deviation of 0.8796.
            var deviation = name.EndsWith("Wo.weight", StringComparison.Ordinal) ? 0.5 / 4 : 0.5;
            Assert.All(values, v => Assert.InRange(Math.Abs(v), 0, 2 * deviation));
            Assert.Equal(0.8796 * deviation, Math.Sqrt(values.Average(v => (double)v * v)), 0.05 * deviation);
        }

        Assert.All(encoder.Parameters[0].Value.select(0, 0).data<float>().ToArray(), v => Assert.Equal(0f, v));
    }
}
