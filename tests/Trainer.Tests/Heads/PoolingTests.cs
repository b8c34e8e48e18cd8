using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>Pooling and its gradients against sentence-transformers' formulas in python3-torch.</summary>
[Collection(TorchCollection.Name)]
public sealed class PoolingTests
{
    const int Texts = 5, Length = 9, Width = 16;

    static readonly int[] Lengths = [9, 1, 4, 2, 7];

    [Theory]
    [InlineData(PoolingMode.Cls, "cls")]
    [InlineData(PoolingMode.Mean, "mean")]
    [InlineData(PoolingMode.Max, "max")]
    [InlineData(PoolingMode.MeanSqrtLength, "mean_sqrt_len_tokens")]
    [InlineData(PoolingMode.WeightedMean, "weightedmean")]
    [InlineData(PoolingMode.LastToken, "lasttoken")]
    public void Pool_EqualsPython_AndSoDoGradients(PoolingMode mode, string name)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        var (values, mask) = Input();
        python.Write<float>("hidden", values);
        python.Write<long>("mask", mask);
        var hidden = tensor(values, [Texts, Length, Width], requires_grad: true);

        var pooled = Pooling.Pool(hidden, tensor(mask, [Texts, Length]), mode);
        var unit = Pooling.Normalize(pooled);
        (unit * arange(Width, dtype: float32)).sum().backward();

        python.Run(Path.Combine(AppContext.BaseDirectory, "Heads", "pooling.py"), name, $"{Texts}", $"{Length}", $"{Width}");
        Assert.Equal(python.Read<float>("pooled"), pooled.data<float>().ToArray());
        Assert.Equal(python.Read<float>("unit"), unit.data<float>().ToArray());
        Assert.Equal(python.Read<float>("gradient"), hidden.grad!.data<float>().ToArray());
    }

    [Theory]
    [InlineData(PoolingMode.Cls)]
    [InlineData(PoolingMode.Mean)]
    [InlineData(PoolingMode.Max)]
    [InlineData(PoolingMode.MeanSqrtLength)]
    [InlineData(PoolingMode.WeightedMean)]
    [InlineData(PoolingMode.LastToken)]
    public void Pool_GivesTheVectorOfTheTextAlone_WhateverThePaddingHolds(PoolingMode mode)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var (values, mask) = Input();
        var hidden = tensor(values, [Texts, Length, Width]);
        var together = Pooling.Pool(hidden, tensor(mask, [Texts, Length]).ne(0), mode);
        for (var i = 0; i < Texts; i++)
        {
            var alone = Pooling.Pool(hidden.narrow(0, i, 1).narrow(1, 0, Lengths[i]), null, mode);
            Assert.True(allclose(alone, together.narrow(0, i, 1), 1e-6, 1e-6), $"text {i}");
        }
    }

    [Fact]
    public void Pool_CountsExactly_InShortTypes()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var hidden = ones(1, 511, 2).to(bfloat16);

        Assert.Equal([1f, 1f], Pooling.Pool(hidden, null, PoolingMode.Mean).data<float>().ToArray());
        Assert.Equal((float)Math.Sqrt(511), Pooling.Pool(hidden, null, PoolingMode.MeanSqrtLength).data<float>()[0], 1e-5f);
    }

    [Fact]
    public void Pool_Refuses_WhenTheMaskIsOfAnotherShape()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => Pooling.Pool(zeros(2, 3, 4), ones(2, 4), PoolingMode.Mean));

        Assert.Contains("(2, 3, 4)", error.Message, StringComparison.Ordinal);
        Assert.Contains("(2, 4)", error.Message, StringComparison.Ordinal);
    }

    static (float[] Hidden, long[] Mask) Input()
    {
        var random = new Random(9);
        var hidden = Enumerable.Range(0, Texts * Length * Width).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
        return (hidden, [.. Lengths.SelectMany(n => Enumerable.Range(0, Length).Select(t => t < n ? 1L : 0L))]);
    }
}
