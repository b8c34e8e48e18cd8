using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

[Collection(TorchCollection.Name)]
public sealed class SparseHeadTests
{
    [Fact]
    public void Forward_EqualsTheDefinition_ForRandomTextsWithRepeatedTokens()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var head = SparseHead.Create(8, [0, 1, 7], 3);
        var random = new Random(5);
        var lengths = Enumerable.Range(0, 40).Select(_ => random.Next(1, 60)).ToArray();
        var offsets = lengths.Select((_, i) => (long)lengths.Take(i).Sum()).ToArray();
        var ids = Enumerable.Range(0, lengths.Sum()).Select(_ => (long)random.Next(25)).ToArray();
        var hidden = randn(ids.Length, 8);
        var states = new TokenStates(hidden, new TokenBatch(ids, offsets));

        var vectors = head.Forward(states);

        var parameters = head.Parameters.ToDictionary(p => p.Name, p => p.Value);
        var weights = nn.functional.linear(hidden, parameters["sparse_linear.weight"], parameters["sparse_linear.bias"]).relu().data<float>().ToArray();
        var pairs = vectors.ToPairs();
        for (var i = 0; i < lengths.Length; i++)
        {
            var expected = Enumerable.Range((int)offsets[i], lengths[i]).GroupBy(t => ids[t]).OrderBy(g => g.Key)
                .Select(g => ((int)g.Key, g.Max(t => weights[t]))).Where(p => p.Item2 > 0 && p.Item1 is not (0 or 1 or 7)).ToArray();
            Assert.Equal(expected, pairs[i]);
        }

        // Inner products by the definition, of all pairs of texts.
        var scores = vectors.Dot(vectors).data<float>().ToArray();
        for (var i = 0; i < lengths.Length; i++)
        {
            for (var j = 0; j < lengths.Length; j++)
            {
                var other = pairs[j].ToDictionary(p => p.Id, p => p.Weight);
                Assert.Equal(pairs[i].Sum(p => (double)p.Weight * other.GetValueOrDefault(p.Id)), scores[(i * lengths.Length) + j], 1e-4);
            }
        }
    }

    [Fact]
    public void Dot_IsZeroWithAGradient_WhereNothingIsShared()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var head = SparseHead.Create(4, [0], 1);
        head.Parameters.Single(p => p.Name == "sparse_linear.bias").Value.requires_grad_(false).fill_(-100).requires_grad_();
        var dead = head.Forward(new TokenStates(randn(3, 4), new TokenBatch([5, 6, 5], [0, 2])));

        var scores = dead.Dot(dead);
        scores.sum().backward();

        Assert.Equal(2, dead.Empty);
        Assert.Equal([0f, 0f, 0f, 0f], scores.data<float>().ToArray());
        Assert.All(head.Parameters, p => Assert.All(p.Value.grad!.data<float>().ToArray(), v => Assert.Equal(0, v)));
    }

    [Fact]
    public void Forward_KeepsNoNumber_WhereOneIsAmongAToken()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var head = SparseHead.Create(2, [], 1);
        var hidden = tensor(new float[] { 1, 1, float.NaN, 1, 2, 2 }, [3, 2]);

        var pair = Assert.Single(head.Forward(new TokenStates(hidden, new TokenBatch([4, 4, 4], [0]))).ToPairs().Single());

        Assert.True(float.IsNaN(pair.Weight));
    }
}
