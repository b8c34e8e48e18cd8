using TorchSharp.Modules;
using Trainer.Tests.Torch;
using Trainer.Training.Optimization;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Optimization;

[Collection(TorchCollection.Name)]
public sealed class AveragedWeightsTests
{
    public AveragedWeightsTests()
    {
        PythonTorch.RequireTorch();
        set_num_threads(1);
    }

    [Fact]
    public void Updates_EqualPyTorchsAveragedModel()
    {
        const int Steps = 10;
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        random.manual_seed(11);
        var parameter = new Parameter(randn(15));
        python.Write<float>("w0", parameter.data<float>().ToArray());
        using var ema = new WeightEma([("w", parameter)], 0.9);
        using var mean = new WeightAverage([("w", parameter)], Steps, 0.25, 2);
        var counted = new List<int>();
        for (var step = 1; step <= Steps; step++)
        {
            using (no_grad())
            {
                parameter.copy_(randn(15));
            }

            python.Write<float>($"w{step}", parameter.data<float>().ToArray());
            ema.Update();
            if (mean.Update(step))
            {
                counted.Add(step);
            }
        }

        python.Run("../Training/Optimization/averages.py", "10");
        Assert.Equal([3, 5, 7, 9, 10], counted);
        Assert.Equal(python.Read<float>("mean"), Values(mean));
        foreach (var (expected, found) in python.Read<float>("ema").Zip(Values(ema)))
        {
            // PyTorch rounds each product, one pass over memory only the sum.
            Assert.Equal(expected, found, 1e-6f);
        }
    }

    [Fact]
    public void Decay_RisesToItsLimit()
    {
        var parameter = new Parameter(ones(2));
        using var ema = new WeightEma([("w", parameter)], 0.5);
        var decays = new List<double>();
        for (var t = 0; t < 12; t++)
        {
            decays.Add(ema.Decay);
            ema.Update();
        }

        Assert.Equal([0.1, 2.0 / 11, 0.25], decays.Take(3));
        Assert.Equal(0.5, decays[^1]);
        using var plain = new WeightEma([("w", parameter)], 0.5, warmup: false);
        Assert.Equal(0.5, plain.Decay);
    }

    [Fact]
    public void Apply_ExchangesTheWeights_AndBringsBothBack()
    {
        using var scope = NewDisposeScope();
        var (parameter, frozen) = (new Parameter(tensor([1f, 2])), new Parameter(tensor([9f]), requires_grad: false));
        using var ema = new WeightEma([("w", parameter), ("f", frozen)], 0.75, warmup: false);
        using (no_grad())
        {
            parameter.copy_(tensor([5f, 10]));
        }

        ema.Update();
        using (ema.Apply())
        {
            Assert.Equal([2f, 4], parameter.data<float>().ToArray());
            Assert.Equal([9f], frozen.data<float>().ToArray());
        }

        Assert.Equal([5f, 10], parameter.data<float>().ToArray());
        Assert.Equal([2f, 4], Values(ema));
        Assert.True(parameter.requires_grad);
    }

    [Fact]
    public void Carry_HandsOnTheStateOfWhatBothTrain()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(ones(2)), new Parameter(ones(2)));
        using var first = optim.AdamW([a]);
        a.grad = ones(2);
        first.step();
        using var second = optim.AdamW([b, a]);
        Assert.Equal(1, OptimizerCarry.Carry(first, second));
        Assert.Equal([0L, 1], second.state_dict().State.Select(s => s.step));
        Assert.Equal(first.state_dict().State[0].exp_avg.data<float>().ToArray(), second.state_dict().State[1].exp_avg.data<float>().ToArray());
    }

    static float[] Values(AveragedWeights average) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(average.Weights()[0].Data.Span).ToArray();
}
