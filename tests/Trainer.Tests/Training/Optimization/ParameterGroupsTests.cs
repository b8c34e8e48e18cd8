using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using Trainer.Tests.Torch;
using Trainer.Training.Optimization;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Optimization;

[Collection(TorchCollection.Name)]
public sealed class ParameterGroupsTests : IDisposable
{
    static readonly (string Name, long[] Shape)[] Shapes =
    [
        ("embeddings.word_embeddings.weight", [50, 8]), ("embeddings.LayerNorm.weight", [8]), ("embeddings.LayerNorm.bias", [8]),
        ("encoder.layer.0.dense.weight", [8, 8]), ("encoder.layer.0.dense.bias", [8]), ("encoder.layer.0.LayerNorm.weight", [8]),
        ("encoder.layer.1.dense.weight", [8, 8]), ("encoder.layer.10.dense.weight", [8, 8]), ("sparse_linear.weight", [1, 8]),
    ];

    readonly DisposeScope _scope;

    public ParameterGroupsTests()
    {
        PythonTorch.RequireTorch();
        _scope = NewDisposeScope();
        set_num_threads(1);
    }

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Step_EqualsPyTorchsGroups_BitForBit()
    {
        using var python = new PythonTorch();
        var options = new OptimizationOptions
        {
            Parts = [new() { Match = "embeddings", Multiplier = 0.1 }, new() { Match = "/^sparse_/", LearningRate = 0.05, WeightDecay = 0 }, new() { Match = "encoder.layer.1?.*", WeightDecay = 0.2 }],
            Freeze = ["encoder.layer.0.dense"],
        };
        var parameters = Parameters();
        double[] rates = [0.001, 0.004, 0.01, 0.003];
        var groups = ParameterGroups.Of(parameters, options, 0.01, 0.03);
        using var optimizer = groups.CreateOptimizer(0.01, beta2: 0.98);
        string[] silent = ["encoder.layer.1.dense.weight", "embeddings.LayerNorm.bias"];
        File.WriteAllText(Path.Combine(python.Folder, "config.json"), JsonSerializer.Serialize(new
        {
            rates,
            silent,
            beta2 = 0.98,
            shapes = Shapes.ToDictionary(s => s.Name, s => s.Shape),
            groups = groups.Groups.Select(g => new { names = g.Parameters.Select(p => p.Name), factor = g.RateFactor, decay = g.WeightDecay }),
        }));
        foreach (var (name, value) in parameters)
        {
            python.Write<float>(name, value.data<float>().ToArray());
        }

        for (var step = 0; step < rates.Length; step++)
        {
            groups.SetRate(optimizer, rates[step]);
            foreach (var (name, value) in groups.Groups.SelectMany(g => g.Parameters))
            {
                using var gradient = randn(value.shape);
                python.Write<float>($"g{step}.{name}", gradient.data<float>().ToArray());
                value.grad = step == 1 && silent.Contains(name) ? null : gradient;
            }

            optimizer.step();
        }

        python.Run("../Training/Optimization/parameter_groups.py");
        foreach (var (name, value) in parameters)
        {
            Assert.Equal(python.Read<float>("w." + name), value.data<float>().ToArray());
        }

        foreach (var ((name, _), state) in groups.Groups.SelectMany(g => g.Parameters).Zip(optimizer.state_dict().State))
        {
            Assert.Equal(python.Read<float>("m." + name), state.exp_avg.data<float>().ToArray());
            Assert.Equal(python.Read<float>("v." + name), state.exp_avg_sq.data<float>().ToArray());
            Assert.Equal(silent.Contains(name) ? 3 : 4, state.step);
        }

        Assert.Equal(2, groups.Frozen.Count);
        Assert.All(groups.Frozen, p => Assert.False(File.Exists(Path.Combine(python.Folder, "m." + p.Name))));
    }

    [Fact]
    public void Of_PutsEveryParameterInOneGroup_AndTheFirstMatchWins()
    {
        var options = new OptimizationOptions { Parts = [new() { Match = "encoder.layer.0", Multiplier = 0.5 }, new() { Match = "encoder", Multiplier = 0.8 }], Freeze = ["*word_embeddings*"] };
        var parameters = Parameters();
        var groups = ParameterGroups.Of(parameters, options, 1e-3, 0.01);

        Assert.Equal(parameters.Select(p => p.Name).Order(), groups.Groups.SelectMany(g => g.Parameters).Concat(groups.Frozen).Select(p => p.Name).Order());
        Assert.Equal(
            [(1, 0, "embeddings.LayerNorm.weight"), (0.5, 0.01, "encoder.layer.0.dense.weight"), (0.5, 0, "encoder.layer.0.dense.bias"), (0.8, 0.01, "encoder.layer.1.dense.weight"), (1, 0.01, "sparse_linear.weight")],
            groups.Groups.Select(g => (g.RateFactor, g.WeightDecay, g.Parameters[0].Name)));

        // A pattern without * ends at a dot: layer.1 is not layer.10.
        var narrow = ParameterGroups.Of(parameters, new OptimizationOptions { Parts = [new() { Match = "encoder.layer.1", Multiplier = 2 }] }, 1e-3, 0.01);
        Assert.Equal(["encoder.layer.1.dense.weight"], narrow.Groups.Single(g => g.RateFactor == 2).Parameters.Select(p => p.Name));
        Assert.Single(ParameterGroups.Of(parameters, new OptimizationOptions { DecayBiasesAndNorms = true }, 1e-3, 0.01).Groups);
    }

    [Fact]
    public void Frozen_GetNoGradient_UntilTheyAreThawed()
    {
        var (a, b) = (new Parameter(ones(3)), new Parameter(ones(3)));
        (string, Parameter)[] parameters = [("head.weight", a), ("body.weight", b)];
        b.grad = ones(3);
        using (var optimizer = ParameterGroups.Of(parameters, new OptimizationOptions { Freeze = ["body"] }, 0.1, 0).CreateOptimizer(0.1))
        {
            (a * b).sum().backward();
            Assert.Null(b.grad);
            Assert.NotNull(a.grad);
            optimizer.step();
            Assert.Equal([1f, 1, 1], b.data<float>().ToArray());
            Assert.Single(optimizer.state_dict().State);
        }

        using var all = ParameterGroups.Of(parameters, new OptimizationOptions(), 0.1, 0).CreateOptimizer(0.1);
        (a * b).sum().backward();
        Assert.NotNull(b.grad);
    }

    [Fact]
    public void Of_SaysWhatIsNear_WhenAPatternMatchesNothing()
    {
        var parameters = Parameters();
        var error = Assert.Throws<TrainerException>(() => ParameterGroups.Of(parameters, new OptimizationOptions { Freeze = ["encoder.layers.1.*"] }, 1e-3, 0));
        Assert.Contains("freeze: 'encoder.layers.1.*' matches none of the 9 parameters. Nearest: encoder.layer.1.dense.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("parts: ", Message(new OptimizationOptions { Parts = [new() { Match = "decoder" }] }), StringComparison.Ordinal);
        Assert.Contains("narrower pattern first", Message(new OptimizationOptions { Parts = [new() { Match = "encoder" }, new() { Match = "encoder.layer.0" }] }), StringComparison.Ordinal);
        Assert.Contains("leaves none", Message(new OptimizationOptions { Freeze = ["*"] }), StringComparison.Ordinal);
        Assert.Contains("not a regular expression", Message(new OptimizationOptions { Freeze = ["/(/"] }), StringComparison.Ordinal);

        string Message(OptimizationOptions options) => Assert.Throws<TrainerException>(() => ParameterGroups.Of(parameters, options, 1e-3, 0)).Message;
    }

    [Fact]
    public void Describe_TellsGroupsAndWhatIsFrozen()
    {
        var groups = ParameterGroups.Of(Parameters(), new OptimizationOptions { Parts = [new() { Match = "sparse_linear", Multiplier = 10 }], Freeze = ["embeddings"] }, 5e-5, 0.01);
        var lines = groups.Describe(5e-5).ToList();
        Assert.Contains("Learning rate 5e-4, weight decay 0.01: 1 parameters (sparse_linear.weight).", lines);
        Assert.Equal("Frozen: 3 parameters (embeddings.word_embeddings.weight, embeddings.LayerNorm.weight, embeddings.LayerNorm.bias). They get no gradient and no optimizer state.", lines[^1]);
    }

    static List<(string Name, Parameter Value)> Parameters()
    {
        random.manual_seed(7);
        return [.. Shapes.Select(s => (s.Name, new Parameter(randn(s.Shape))))];
    }
}
