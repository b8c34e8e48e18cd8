using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class AdamWTests : IDisposable
{
    readonly DisposeScope scope;

    public AdamWTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
        set_num_threads(1);
    }

    [Fact]
    public void State_CarriesOn_BitForBit_InFreshObjects()
    {
        manual_seed(1);
        using var model = nn.Linear(5, 3);
        using var optimizer = optim.AdamW(model.parameters(), weight_decay: 0.01);
        Steps(model, optimizer, 3);
        using var copy = nn.Linear(5, 3);
        copy.load_state_dict(model.state_dict());
        using var resumed = optim.AdamW(copy.parameters(), weight_decay: 0.01);
        resumed.load_state_dict(optimizer.state_dict());
        var generator = get_rng_state();
        Steps(model, optimizer, 4);
        manual_seed(99);
        set_rng_state(generator);
        Steps(copy, resumed, 4);

        Assert.Equal(model.weight.data<float>().ToArray(), copy.weight.data<float>().ToArray());
        Assert.Equal(7, resumed.state_dict().State[0].step);
    }

    [Fact]
    public void Groups_HaveTheirOwnRateAndDecay()
    {
        var (a, b) = (new Parameter(ones(2)), new Parameter(ones(2)));
        using var optimizer = optim.AdamW([new AdamW.ParamGroup([a], lr: 0.1, weight_decay: 0.5), new AdamW.ParamGroup([b], lr: 0.1)]);
        optimizer.ParamGroups.Last().LearningRate = 0;
        a.grad = zeros(2);
        b.grad = ones(2);
        optimizer.step();

        Assert.Equal([0.95f, 0.95f], a.data<float>().ToArray());
        Assert.Equal([1f, 1f], b.data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => optim.AdamW([a, a]));
        Assert.Throws<ArgumentOutOfRangeException>(() => optim.AdamW([a], lr: -1));
    }

    [Fact]
    public void Parameters_WithoutGradient_StayAsTheyAre()
    {
        var (a, b) = (new Parameter(ones(2)), new Parameter(ones(2)));
        using var optimizer = optim.AdamW([a, b], weight_decay: 0.1);
        a.grad = ones(2);
        optimizer.step();

        Assert.NotEqual(1f, a[0].ToSingle());
        Assert.Equal(1f, b[0].ToSingle());
        Assert.Equal([1L, 0], optimizer.state_dict().State.Select(s => s.step));
        optimizer.zero_grad();
        Assert.Null(a.grad);
    }

    [Fact]
    public void Clipping_BoundsTheNorm_AndTellsItBefore()
    {
        var (a, b) = (new Parameter(zeros(2)), new Parameter(zeros(2)));
        a.grad = tensor([3f, 0]);
        b.grad = tensor([0f, 4]);

        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 1.0), 1e-6);
        Assert.Equal(1, nn.utils.clip_grad_norm_([a, b], 10.0), 1e-5);
        Assert.Equal(0, nn.utils.clip_grad_norm_([new Parameter(zeros(1))], 1.0));
    }

    public void Dispose() => scope.Dispose();

    static void Steps(Linear model, AdamW optimizer, int count)
    {
        for (var k = 0; k < count; k++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            model.call(randn(8, 5)).square().mean().backward();
            optimizer.step();
        }
    }
}
