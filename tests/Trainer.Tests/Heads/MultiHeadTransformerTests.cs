using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Encoders;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

[Collection(TorchCollection.Name)]
public sealed class MultiHeadTransformerTests
{
    [Fact]
    public void Outputs_AreThoseOfEachHeadAlone_AndTheDenseOnesTheReferences()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var encoder = Encoder(normalize: true);
        var texts = BertGolden.Ids("xlmr-mini").Take(24).ToList();
        var batch = BertGolden.Batch(texts);

        var together = encoder.Outputs(batch, encoder.Heads);

        var expected = BertGolden.Embeddings("xlmr-mini", "cls_normalized").Take(texts.Count).SelectMany(e => e).ToArray();
        Assert.InRange(BertGolden.Distance(together.Dense!.data<float>().ToArray(), expected), 0, 1e-5);
        Assert.Equal(together.Sparse!.ToPairs(), encoder.Outputs(batch, HeadSet.Sparse).Sparse!.ToPairs());
        Assert.Equal(together.MultiVector!.Values.data<float>().ToArray(), encoder.Outputs(batch, HeadSet.MultiVector).MultiVector!.Values.data<float>().ToArray());
        Assert.Equal(texts.Select(t => t.Length - 1), together.MultiVector.Lengths);
        Assert.Equal(together.Dense!.data<float>().ToArray(), Pooling.Normalize(encoder.Forward(batch, TextRole.Query)).data<float>().ToArray());

        // A text's own outputs do not depend on its batch.
        var arrays = together.MultiVector.ToArrays();
        for (var i = 0; i < texts.Count; i++)
        {
            var alone = encoder.Outputs(BertGolden.Batch([texts[i]]), encoder.Heads);
            var (weights, alike) = (alone.Sparse!.ToPairs()[0], together.Sparse.ToPairs()[i]);
            Assert.Equal(alike.Select(p => p.Id), weights.Select(p => p.Id));
            Assert.All(alike.Zip(weights), p => Assert.Equal(p.First.Weight, p.Second.Weight, 5e-6f));
            Assert.InRange(BertGolden.Distance(alone.MultiVector!.Values.data<float>().ToArray(), arrays[i].SelectMany(v => v).ToArray()), 0, 5e-6);
        }
    }

    [Fact]
    public void Outputs_LeaveNothingBehind()
    {
        PythonTorch.RequireTorch();
        using var encoder = Encoder(normalize: false);
        var batch = BertGolden.Batch(BertGolden.Ids("xlmr-mini").Take(5));
        Step();
        var before = TorchCollection.SettledHandles();
        for (var i = 0; i < 3; i++)
        {
            Step();
        }

        Assert.Equal(before, TorchCollection.SettledHandles());

        void Step()
        {
            using var scope = NewDisposeScope();
            var outputs = encoder.Outputs(batch, encoder.Heads);
            (outputs.Dense!.sum() + outputs.Sparse!.Dot(outputs.Sparse).sum() + MaxSim.Scores(outputs.MultiVector!, outputs.MultiVector!, MaxSimConvention.SentenceTransformers).sum()).backward();
            foreach (var (_, value) in encoder.Parameters)
            {
                value.grad = null;
            }
        }
    }

    static MultiHeadTransformer Encoder(bool normalize) => new(BertGolden.Load("xlmr-mini"), new RetrievalHeads
    {
        Pooling = PoolingMode.Cls,
        Normalize = normalize,
        Sparse = SparseHead.Create(64, [0, 1, 2, 3], 1),
        MultiVector = MultiVectorHead.Create(64, 16, 2),
    });
}
