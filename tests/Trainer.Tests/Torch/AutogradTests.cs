using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class AutogradTests : IDisposable
{
    readonly DisposeScope scope;

    public AutogradTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
    }

    [Fact]
    public void Backward_GathersGradients_OnLeaves()
    {
        var x = tensor([1f, 2, 3], requires_grad: true);
        x.square().sum().backward();
        (3 * x).sum().backward();

        Assert.Equal([5f, 7, 9], x.grad!.data<float>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Grad_ReturnsGradients_AndTouchesNoLeaf()
    {
        var (x, y, unused) = (tensor(2f, requires_grad: true), tensor(3f, requires_grad: true), tensor(1f, requires_grad: true));
        var z = x * x * y;

        var grads = autograd.grad([z], [x, y, unused], retain_graph: true, allow_unused: true);

        Assert.Equal((12f, 4f), (grads[0].ToSingle(), grads[1].ToSingle()));
        Assert.Null(grads[2]);
        Assert.Null(x.grad);
        var weighted = autograd.grad([z], [x], [tensor(10f)], create_graph: true)[0];
        Assert.Equal(120f, weighted.ToSingle());
        Assert.True(weighted.requires_grad);
    }

    [Fact]
    public void Modes_HoldUntilDisposed_OnTheirThreadOnly()
    {
        var x = ones(2).requires_grad_();
        Assert.True(x.is_leaf);
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }
            Assert.False(is_grad_enabled());
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
        }
        Assert.True((x * 2).requires_grad);
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
        }
        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void ChunkedBackward_EqualsOneGraph_WhenTheGeneratorIsReplayed()
    {
        manual_seed(4);
        using var linear = nn.Linear(16, 8);
        var x = randn(6, 16);
        Tensor Encode(Tensor part) => nn.functional.dropout(linear.call(part), 0.3);
        Tensor Loss(Tensor reps) => reps.matmul(reps.t()).logsumexp(1).sum();

        manual_seed(8);
        using var states = NewDisposeScope();
        var parts = x.chunk(3);
        Tensor[] before = new Tensor[3], reps = new Tensor[3];
        for (var k = 0; k < 3; k++)
        {
            before[k] = get_rng_state();
            using var none = no_grad();
            reps[k] = Encode(parts[k]);
        }
        var leaves = reps.Select(r => r.detach().requires_grad_()).ToArray();
        Loss(cat(leaves)).backward();
        for (var k = 0; k < 3; k++)
        {
            set_rng_state(before[k]);
            Encode(parts[k]).backward([leaves[k].grad!]);
        }
        var chunked = linear.weight.grad!.clone();

        linear.zero_grad();
        manual_seed(8);
        Loss(cat(parts.Select(Encode).ToArray())).backward();

        Assert.True(chunked.allclose(linear.weight.grad!, rtol: 1e-5, atol: 1e-6));
    }

    public void Dispose() => scope.Dispose();
}
