using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Torch;

/// <summary>Training in this process against the same training in Python: equal bits of everything, at equal threads and BLAS.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerTests
{
    const int Pairs = 8, Steps = 6;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Training_EqualsPythonBitForBit(int threads, bool shortTypes)
    {
        using var python = new PythonTorch();
        var (ids, lengths) = Batch();
        var mask = lengths.SelectMany(n => Enumerable.Range(0, Transformer.Length).Select(k => k < n ? 1f : 0f)).ToArray();
        python.Write<long>("ids", ids);
        python.Write<float>("mask", mask);

        using var scope = NewDisposeScope();
        set_num_threads(threads);
        manual_seed(7);
        using var model = new Transformer();
        var initial = Flat(model.parameters());
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-6, weight_decay: 0.01);
        manual_seed(11);
        var losses = new List<double>();
        float[] gradients = [];
        var (idTensor, maskTensor) = (tensor(ids, [2 * Pairs, Transformer.Length]), tensor(mask, [2 * Pairs, Transformer.Length]));
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            var loss = Loss(model, idTensor, maskTensor, shortTypes);
            optimizer.zero_grad();
            loss.backward();
            if (step == 0)
            {
                gradients = Flat(model.parameters().Select(p => p.grad!));
            }
            var norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.step();
            losses.Add(loss.ToDouble());
            losses.Add(norm);
        }

        python.Run("transformer.py", threads.ToString(), Steps.ToString(), shortTypes ? "bf16" : "fp32");

        Assert.Equal(File.ReadAllLines(Path.Combine(python.Folder, "names")), model.named_parameters().Select(p => p.name));
        Assert.Equal(python.Read<uint>("initial"), Bits(initial));
        Assert.Equal(python.Read<double>("losses"), losses);
        Assert.Equal(python.Read<uint>("gradients"), Bits(gradients));
        Assert.Equal(python.Read<uint>("weights"), Bits(Flat(model.parameters())));
        Assert.Equal(python.Read<byte>("rng"), get_rng_state().data<byte>().ToArray());
    }

    [Fact]
    public void Training_KeepsTheHandleCount_OverAThousandSteps()
    {
        PythonTorch.RequireTorch();
        using var outer = NewDisposeScope();
        set_num_threads(1);
        manual_seed(1);
        using var linear = nn.Linear(8, 4);
        using var table = nn.Embedding(32, 8);
        using var optimizer = optim.AdamW(linear.parameters().Concat(table.parameters()));
        var (ids, labels) = (arange(16).view(4, 4), arange(4));
        void Step()
        {
            using var scope = NewDisposeScope();
            var loss = F.cross_entropy(F.dropout(linear.call(table.call(ids).mean([1])).gelu(), 0.1), labels);
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(optimizer.parameters(), 1.0);
            optimizer.step();
        }
        Step();
        var (inScope, live) = (outer.DisposablesCount, TorchCollection.SettledHandles());
        for (var k = 0; k < 1000; k++)
        {
            Step();
            Assert.Equal(live, TorchRuntime.LiveHandles);
        }
        Assert.Equal(inScope, outer.DisposablesCount);
    }

    static Tensor Loss(Transformer model, Tensor ids, Tensor mask, bool shortTypes)
    {
        using var cast = shortTypes ? new Autocast(DeviceType.CPU) : null;
        var x = model.call(ids, mask);
        return F.cross_entropy(x.narrow(0, 0, Pairs).matmul(x.narrow(0, Pairs, Pairs).t()) * 20.0, arange(Pairs));
    }

    static (long[] Ids, int[] Lengths) Batch()
    {
        var random = new Random(5);
        var lengths = Enumerable.Range(0, 2 * Pairs).Select(_ => random.Next(3, Transformer.Length + 1)).ToArray();
        var ids = lengths.SelectMany(n => Enumerable.Range(0, Transformer.Length).Select(k => k < n ? (long)random.Next(1, Transformer.Vocabulary) : 0)).ToArray();
        return (ids, lengths);
    }

    static float[] Flat(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(t => t.data<float>().ToArray())];

    static uint[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToUInt32Bits);
}
