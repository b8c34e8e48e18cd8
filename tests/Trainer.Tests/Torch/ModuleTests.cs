using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class ModuleTests : IDisposable
{
    readonly DisposeScope scope;

    public ModuleTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
    }

    [Fact]
    public void Fields_BecomeNames_InTheirOrder()
    {
        using var model = new TwoLayers();

        Assert.Equal(
            ["first.weight", "first.bias", "second.0.weight", "second.1.weight", "scale"],
            model.named_parameters().Select(p => p.name).OrderBy(n => n == "scale"));
        Assert.Equal(["steps"], model.named_buffers().Select(b => b.name));
        Assert.Equal(["first", "second", "second.0", "second.1"], model.named_modules().Select(m => m.name));
        Assert.Equal(6, model.state_dict().Count);
    }

    [Fact]
    public void Training_ReachesEveryModule()
    {
        using var model = new TwoLayers();
        model.eval();
        Assert.All(model.modules(), m => Assert.False(m.training));
        model.train();
        Assert.True(model.second[1].training);
    }

    [Fact]
    public void StateDict_CopiesBetweenModels_AndNamesWhatDoesNotFit()
    {
        using var a = new TwoLayers();
        using var b = new TwoLayers();
        b.load_state_dict(a.state_dict());
        Assert.True(a.first.weight.Equals(b.first.weight));

        var part = a.state_dict();
        part.Remove("scale");
        part.Add("other", ones(1));
        var error = Assert.Throws<InvalidOperationException>(() => b.load_state_dict(part));
        Assert.Contains("missing [scale], unknown [other]", error.Message, StringComparison.Ordinal);
        var (missing, unknown) = b.load_state_dict(part, strict: false);
        Assert.Equal(["scale"], missing);
        Assert.Equal(["other"], unknown);
    }

    [Fact]
    public void Movement_KeepsTheParameterObjects()
    {
        using var model = new TwoLayers();
        var before = model.parameters().ToList();
        model.first.weight.grad = ones_like(model.first.weight);
        model.to(float64);

        Assert.Equal(before, model.parameters(), ReferenceEqualityComparer.Instance);
        Assert.All(model.parameters(), p => Assert.Equal((ScalarType.Float64, true, true), (p.dtype, p.requires_grad, p.is_leaf)));
        Assert.Equal(ScalarType.Float64, model.first.weight.grad!.dtype);
        Assert.Equal(ScalarType.Int64, model.named_buffers().Single().buffer.dtype);
        Assert.Throws<ArgumentException>(() => model.to(int64));
    }

    [Fact]
    public void Dispose_ReleasesAllThatTheModuleOwns()
    {
        var before = TorchCollection.SettledHandles();
        using (var model = new TwoLayers())
        {
            Assert.Equal(before + 6, TorchRuntime.LiveHandles);
        }
        Assert.Equal(before, TorchRuntime.LiveHandles);
    }

    [Fact]
    public void Attention_EqualsTheFormula_WithEitherMask()
    {
        manual_seed(2);
        var (q, k, v) = (randn([2, 3, 5, 4]), randn([2, 3, 6, 4]), randn([2, 3, 6, 4]));
        var keep = randn(5, 6) > -0.5;
        keep[TensorIndex.Colon, 0] = tensor(true);
        var added = zeros(5, 6).masked_fill(keep.logical_not(), double.NegativeInfinity);
        var expected = (q.matmul(k.mT) / 2.0 + added).softmax(-1).matmul(v);

        Assert.True(nn.functional.scaled_dot_product_attention(q, k, v, keep).allclose(expected, atol: 1e-6));
        Assert.True(nn.functional.scaled_dot_product_attention(q, k, v, added).allclose(expected, atol: 1e-6));
        var causal = nn.functional.scaled_dot_product_attention(k, k, v, is_casual: true);
        Assert.True(causal.select(2, 0).allclose(v.select(2, 0), atol: 1e-6));
        Assert.Throws<ArgumentException>(() => nn.functional.scaled_dot_product_attention(q, k, v, keep, is_casual: true));
    }

    public void Dispose() => scope.Dispose();

    sealed class TwoLayers : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(3, 4);
        public readonly ModuleList<Linear> second = nn.ModuleList(nn.Linear(4, 4, hasBias: false), nn.Linear(4, 2, hasBias: false));
        readonly Parameter scale = new(ones(2));
        readonly Tensor steps = zeros(1, ScalarType.Int64);

        public TwoLayers()
            : base(nameof(TwoLayers)) => RegisterComponents();

        public override Tensor forward(Tensor input) => second[1].call(second[0].call(first.call(input))) * scale + steps;
    }
}
