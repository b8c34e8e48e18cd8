using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class RandomTests
{
    [Fact]
    public void Draws_AreThoseOfPython_FromTheSameSeed()
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        manual_seed(42);
        var x = ones(1000);
        Tensor[] draws =
        [
            rand(5), randn(17), randperm(50).@float(), randint(3, 99, [20]).@float(), F.dropout(x, 0.3), rand_like(x), randn_like(x), full(40, 0.4).bernoulli(),
            ones(6, 10).multinomial(3).@float(), empty(9).uniform_(-2, 3), empty(9).normal_(1, 2), empty(9).bernoulli_(0.5), F.dropout(ones(64, 65), 0.1), randn(3),
        ];
        var state = get_rng_state();
        manual_seed(5);
        using var linear = nn.Linear(7, 3);
        using var table = nn.Embedding(11, 4, padding_idx: 2);
        using var norm = nn.LayerNorm(4);
        Tensor[] initial = [linear.weight, linear.bias!, table.weight, norm.weight!, norm.bias!, nn.init.xavier_uniform_(empty(4, 6))];

        python.Run("draws.py");

        Assert.Equal(python.Read<float>("draws"), Flat(draws));
        Assert.Equal(python.Read<byte>("state"), state.data<byte>().ToArray());
        Assert.Equal(python.Read<float>("initial"), Flat(initial));
    }

    [Fact]
    public void Draws_Repeat_WhenTheStateIsRestored()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        manual_seed(9);
        _ = randn(3);
        var state = get_rng_state();
        var first = Flat(randn(100), F.dropout(ones(100), 0.5));
        manual_seed(1);
        _ = randn(7);
        set_rng_state(state);

        Assert.Equal(first, Flat(randn(100), F.dropout(ones(100), 0.5)));
    }

    [Fact]
    public void SetState_Refuses_WhatIsNoState()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var error = Assert.Throws<TorchException>(() => set_rng_state(zeros(10, ScalarType.Byte)));
        Assert.Contains("RNG state", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    static float[] Flat(params IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(t => t.data<float>().ToArray())];
}
