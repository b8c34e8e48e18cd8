using System.Text.Json;
using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Tests.Training;

/// <summary>Steps of the training loop against the same steps in python3-torch: losses, gradients and weights, at equal threads and BLAS.</summary>
[Collection(TorchCollection.Name)]
public sealed class StaticStepParityTests
{
    const int Vocabulary = 2000, Dimensions = 48, Rows = 64, Steps = 6;

    [Theory]
    [InlineData(1, false, QuerySide.Shared, 0, null, false)]
    [InlineData(2, true, QuerySide.Shared, 0, null, false)]
    [InlineData(1, true, QuerySide.Weights, 0.01, 0.5, false)]
    [InlineData(2, true, QuerySide.Table, 0.01, 0.5, true)]
    public void Step_EqualsPython(int threads, bool symmetric, QuerySide side, double decay, double? clip, bool matryoshka)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(threads);
        var rates = Enumerable.Range(0, Steps).Select(s => 0.01 * (s + 1)).ToArray();
        int[] cuts = matryoshka ? [Dimensions, 16, 8] : [];
        File.WriteAllText(Path.Combine(python.Folder, "config.json"), JsonSerializer.Serialize(new
        {
            threads,
            symmetric,
            clip,
            rates,
            vocabulary = Vocabulary,
            dimensions = Dimensions,
            batch = Rows,
            seed = 17,
            query_side = side.ToString(),
            weight_decay = decay,
            beta2 = 0.98,
            temperature = 0.05,
            matryoshka = cuts,
        }));

        using var encoder = StaticEncoder.Create(Vocabulary, new StaticEncoderOptions { Dimensions = Dimensions, QuerySide = side }, 17);
        var parameters = encoder.Parameters.Select(p => p.Value).ToList();
        using var optimizer = optim.AdamW(parameters, 1e-3, beta2: 0.98, weight_decay: decay);
        ILoss loss = new InfoNce(0.05, symmetric);
        loss = matryoshka ? new Matryoshka(loss, cuts) : loss;
        var set = Set();
        var losses = new List<double>();
        float[] gradients = [];
        for (var step = 0; step < Steps; step++)
        {
            var batch = TrainBatch.Build(set, Enumerable.Range(step * 7, Rows).ToArray(), 2, epoch: 1, seed: 3);
            python.Write<long>($"q_ids_{step}", batch.Queries.Ids);
            python.Write<long>($"q_offsets_{step}", batch.Queries.Offsets);
            python.Write<long>($"p_ids_{step}", batch.Passages.Ids);
            python.Write<long>($"p_offsets_{step}", batch.Passages.Offsets);
            python.Write<bool>($"excluded_{step}", batch.Excluded);
            losses.Add(PlainStep.Run(encoder, optimizer, loss, batch, rates[step], clip).Loss);
            gradients = step == 0 ? Flat(parameters.Select(p => p.grad!)) : gradients;
        }

        python.Run(Path.Combine(AppContext.BaseDirectory, "Training", "static_step.py"));
        // The mean over rows is a sum of tiles here, so that last bits differ.
        foreach (var (expected, found) in python.Read<double>("losses").Zip(losses))
        {
            Assert.Equal(1, found / expected, 1e-4);
        }

        Close(python.Read<float>("gradients"), gradients, 2e-6f);
        // AdamW divides by the root of squared gradients: where these are next to nothing, so are the digits that are equal.
        Close(python.Read<float>("weights"), Flat(parameters), 2e-3f);
    }

    static float[] Flat(IEnumerable<Tensor> tensors) => tensors.SelectMany(t => t.data<float>().ToArray()).ToArray();

    static void Close(float[] expected, float[] found, float tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    static TrainingSet Set() => SyntheticRows.Build(Rows + (7 * Steps), Vocabulary);
}
