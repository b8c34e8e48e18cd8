using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class BagTests
{
    /// <summary>The mean of token embeddings, normalized, with InfoNCE and AdamW: the step of a static encoder.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Training_OfTokenMeans_EqualsPythonBitForBit(int threads)
    {
        const int bags = 128;
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        var random = new Random(6);
        var lengths = Enumerable.Range(0, bags).Select(_ => random.Next(1, 40)).ToArray();
        var ids = Enumerable.Range(0, lengths.Sum()).Select(_ => (long)(3000 * Math.Pow(random.NextDouble(), 3))).ToArray();
        var offsets = lengths.Select((_, k) => lengths.Take(k).Sum(n => (long)n)).ToArray();
        python.Write<long>("ids", ids);
        python.Write<long>("offsets", offsets);

        set_num_threads(threads);
        manual_seed(3);
        using var bag = nn.EmbeddingBag(3000, 96, mode: EmbeddingBagMode.Mean);
        using var optimizer = optim.AdamW(bag.parameters(), lr: 0.01, weight_decay: 0);
        var (idTensor, offsetTensor) = (tensor(ids), tensor(offsets));
        var losses = new List<double>();
        float[] gradient = [];
        for (var step = 0; step < 4; step++)
        {
            using var inner = NewDisposeScope();
            var x = F.normalize(bag.call(idTensor, offsetTensor), dim: 1);
            var loss = F.cross_entropy(x.narrow(0, 0, bags / 2).matmul(x.narrow(0, bags / 2, bags / 2).t()) / 0.05, arange(bags / 2));
            optimizer.zero_grad();
            loss.backward();
            if (step == 0)
            {
                gradient = bag.weight.grad!.data<float>().ToArray();
            }
            optimizer.step();
            losses.Add(loss.ToDouble());
        }
        python.Run("bags.py", threads.ToString());

        Assert.Equal(python.Read<double>("losses"), losses);
        Assert.Equal(python.Read<float>("gradient"), gradient);
        Assert.Equal(python.Read<float>("weights"), bag.weight.data<float>().ToArray());
    }
}
