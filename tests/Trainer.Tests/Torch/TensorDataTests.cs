using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class TensorDataTests : IDisposable
{
    readonly DisposeScope scope;

    public TensorDataTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
    }

    [Fact]
    public void Accessor_FollowsTheShape_WhateverTheStrides()
    {
        var t = tensor([0f, 1, 2, 3, 4, 5], [2L, 3]).t();

        Assert.Equal([0f, 3, 1, 4, 2, 5], t.data<float>().ToArray());
        Assert.Equal(5f, t.data<float>()[2, 1]);
        Assert.Equal(4f, t.data<float>()[3]);
        t.data<float>()[0, 1] = 30;
        t.data<float>().CopyFrom([7f], 0, 4);
        Assert.Equal([0f, 30, 1, 4, 7, 5], t.contiguous().data<float>().ToArray());
        Assert.Equal([3L, 2], t.shape);
        Assert.Equal([1L, 3], t.stride());
        Assert.False(t.is_contiguous());
    }

    [Fact]
    public void Bytes_AreTheStorage()
    {
        var t = zeros(3, ScalarType.Int32);
        t.bytes = [1, 0, 0, 0, 0, 1, 0, 0, 255, 255, 255, 255];
        Assert.Equal([1, 256, -1], t.data<int>().ToArray());
        t.bytes[0] = 9;
        Assert.Equal(9, t[0].ToInt32());
    }

    [Fact]
    public void Elements_ConvertToNumbers()
    {
        Assert.Equal(2.5f, tensor(2.5).item<double>());
        Assert.Equal(7L, tensor(7L).item<long>());
        Assert.Equal(7, (int)tensor(7.9f));
        Assert.True((bool)tensor(true));
        Assert.Equal((Half)0.5, tensor(0.5f).half().item<Half>());
        Assert.Equal([1f, 0], tensor([1.0, 0]).to(float32).data<float>().ToArray());
        Assert.Equal([true, false], tensor([1L, 0]).@bool().data<bool>().ToArray());
        Assert.Equal([1f, 2, 3, 4], tensor(new float[,] { { 1, 2 }, { 3, 4 } }).data<float>().ToArray());
        Assert.Equal([1L, 2], tensor(new[] { 1, 2, 3 }.AsMemory(0, 2), [2]).@long().data<long>().ToArray());
        Assert.Equal(ScalarType.BFloat16, tensor([1f], dtype: bfloat16).dtype);
    }

    [Fact]
    public void Index_WritesInPlace()
    {
        var t = zeros(3, 4);
        t[1] = tensor(1f);
        t[0, 2] = tensor(5f);
        t[TensorIndex.Ellipsis, ^1] = tensor([7f, 8, 9]);
        t[tensor([2L, 0]), 0] = tensor([3f, 4]);
        t[t > 8] = tensor(-1f);

        Assert.Equal([4f, 0, 5, 7, 1, 1, 1, 8, 3, 0, 0, -1], t.data<float>().ToArray());
        Assert.Equal([1f, 1, 0, 0], t[1.., 1..^1].reshape(-1).data<float>().ToArray());
    }

    [Fact]
    public void Movement_ReturnsAHandleOfItsOwn()
    {
        var t = ones(2);
        var same = t.to(float32);
        Assert.NotSame(t, same);
        t.Dispose();
        Assert.Equal([1f, 1], same.data<float>().ToArray());
        Assert.Same(CPU, same.device);
    }

    public void Dispose() => scope.Dispose();
}
