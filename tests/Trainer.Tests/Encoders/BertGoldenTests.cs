using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>Hidden states and embeddings against those that transformers on PyTorch computed from the same folders.</summary>
[Collection(TorchCollection.Name)]
public sealed class BertGoldenTests
{
    [Theory]
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public void States_EqualTheReferences_BehindEveryLayer(string model)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var encoder = BertGolden.Load(model);
        var golden = BertGolden.Layers(model);
        long width = golden.GetProperty("input_ids")[0].GetArrayLength();
        var mask = BertGolden.Flat(golden.GetProperty("attention_mask"));
        var ids = tensor(BertGolden.Flat(golden.GetProperty("input_ids")), [2, width]);

        var states = encoder.States(ids, tensor(mask, [2, width]));

        Assert.Equal(golden.GetProperty("hidden_states").GetArrayLength(), states.Count);
        foreach (var (state, expected) in states.Zip(golden.GetProperty("hidden_states").EnumerateArray()))
        {
            Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()), state.shape);
            var (found, wanted) = (state.data<float>().ToArray(), BertGolden.Floats(expected.GetProperty("data")));
            foreach (var token in Enumerable.Range(0, mask.Length).Where(t => mask[t] == 1))
            {
                var at = token * encoder.Config.HiddenSize;
                Assert.InRange(BertGolden.Distance(found.AsSpan(at, encoder.Config.HiddenSize), wanted.AsSpan(at, encoder.Config.HiddenSize)), 0, 1e-5);
            }
        }

        Assert.Equal(["pooler.dense.bias", "pooler.dense.weight"], encoder.Foreign);
        Assert.Equal(states[^1].data<float>().ToArray(), encoder.Forward(ids, tensor(mask, [2, width])).data<float>().ToArray());
    }

    [Fact]
    public void PositionIds_SkipPaddingTokens_EvenInsideAText()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var encoder = BertGolden.Load("xlmr-mini");
        var golden = BertGolden.Layers("xlmr-mini");
        var ids = BertGolden.Flat(golden.GetProperty("input_ids"));

        Assert.Equal(BertGolden.Flat(golden.GetProperty("position_ids")), encoder.PositionIds(tensor(ids, [2, ids.Length / 2])).data<long>().ToArray());
    }

    [Theory]
    [InlineData("bert-mini", PoolingMode.Cls, "cls")]
    [InlineData("bert-mini", PoolingMode.Mean, "mean")]
    [InlineData("xlmr-mini", PoolingMode.Cls, "cls")]
    [InlineData("xlmr-mini", PoolingMode.Mean, "mean")]
    public void Embeddings_EqualTheReferences_AndPaddingHardlyShows(string model, PoolingMode pooling, string kind)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var encoder = new PooledTransformer(BertGolden.Load(model), pooling);
        var texts = BertGolden.Ids(model);
        var expected = BertGolden.Embeddings(model, kind);
        var normalized = BertGolden.Embeddings(model, kind + "_normalized");
        Assert.Equal(200, texts.Count);

        for (var start = 0; start < texts.Count; start += 16)
        {
            using var inner = NewDisposeScope();
            var batch = texts.Skip(start).Take(16).ToList();
            var together = encoder.Forward(BertGolden.Batch(batch), TextRole.Query);
            var unit = Pooling.Normalize(together).data<float>().ToArray();
            var found = together.data<float>().ToArray();
            for (var i = 0; i < batch.Count; i++)
            {
                var at = i * encoder.Dimensions;
                var alone = encoder.Forward(BertGolden.Batch([batch[i]]), TextRole.Passage).data<float>().ToArray();
                Assert.InRange(BertGolden.Distance(found.AsSpan(at, encoder.Dimensions), expected[start + i]), 0, 1e-5);
                Assert.InRange(BertGolden.Distance(unit.AsSpan(at, encoder.Dimensions), normalized[start + i]), 0, 1e-5);
                Assert.InRange(BertGolden.Distance(alone, found.AsSpan(at, encoder.Dimensions)), 0, 5e-6);
            }
        }
    }
}
