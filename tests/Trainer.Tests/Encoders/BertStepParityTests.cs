using System.Text.Json;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>Forward and backward against the same model written in python3-torch, with the same weights and, while training, the same dropout.</summary>
[Collection(TorchCollection.Name)]
public sealed class BertStepParityTests
{
    const int Rows = 12;

    [Theory]
    [InlineData("bert-mini", false, false)]
    [InlineData("bert-mini", true, true)]
    [InlineData("xlmr-mini", false, false)]
    [InlineData("xlmr-mini", true, false)]
    public void ForwardAndBackward_EqualPython(string model, bool training, bool typed)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.WriteAllBytes(Path.Combine(python.Folder, name), File.ReadAllBytes(Path.Combine(Fixture.Shared($"golden/{model}"), name)));
        }

        // Texts 4 to 15: short ones of several lengths, among them xlmr's with a literal padding token.
        using var encoder = BertGolden.Load(model);
        var batch = PaddedBatch.From(BertGolden.Batch(BertGolden.Ids(model).Skip(4).Take(Rows)), encoder.Config.PadTokenId);
        var (ids, mask) = batch.ToTensors(CPU);
        var types = batch.Ids.Select((_, i) => typed && i % batch.Width >= 3 ? 1L : 0L).ToArray();
        var random = new Random(3);
        var target = Enumerable.Range(0, Rows * encoder.Config.HiddenSize).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        python.Write<long>("ids", batch.Ids);
        python.Write<long>("mask", mask.to(int64).data<long>().ToArray());
        python.Write<long>("types", types);
        python.Write<float>("target", target);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { threads = 1, batch = Rows, width = batch.Width, seed = 5, training }));

        encoder.Training = training;
        manual_seed(5);
        var hidden = encoder.Forward(ids, mask, typed ? tensor(types, [Rows, batch.Width]) : null);
        var loss = (Pooling.Pool(hidden, mask, PoolingMode.Mean) * tensor(target, [Rows, encoder.Config.HiddenSize])).sum();
        loss.backward();

        python.Run(Path.Combine(AppContext.BaseDirectory, "Encoders", "bert_step.py"));
        Assert.Equal(File.ReadAllLines(Path.Combine(python.Folder, "names")), encoder.Parameters.Select(p => p.Name));
        Assert.Equal(python.Read<float>("hidden"), (hidden * mask.unsqueeze(-1)).data<float>().ToArray());
        Assert.Equal(python.Read<double>("loss")[0], loss.ToDouble(), 1e-6);
        var (expected, at) = (python.Read<float>("gradients"), 0);
        foreach (var (name, value) in encoder.Parameters)
        {
            var found = value.grad!.data<float>().ToArray();
            // The row of token type 0 is added to all tokens at once here, so its gradient is summed in another order.
            if (typed || name != TransformerTensors.Types)
            {
                Assert.Equal(expected.AsSpan(at, found.Length).ToArray(), found);
            }

            var distance = BertGolden.Distance(found, expected.AsSpan(at, found.Length));
            Assert.True(distance <= 1e-5, $"{name}: {distance}");
            at += found.Length;
        }

        Assert.Equal(expected.Length, at);
    }
}
