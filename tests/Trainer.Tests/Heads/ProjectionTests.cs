using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>Projections as sentence-transformers and SimLM save them, against python3-torch.</summary>
[Collection(TorchCollection.Name)]
public sealed class ProjectionTests
{
    [Fact]
    public void Projection_EqualsPython_FromTheFilesThatPythonSaved()
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        python.Run(Path.Combine(AppContext.BaseDirectory, "Heads", "projection.py"));
        foreach (var (name, activation, parameters) in new[] { ("tanh", ProjectionActivation.Tanh, 2), ("identity", ProjectionActivation.Identity, 1), ("pooler", ProjectionActivation.Identity, 2) })
        {
            using var projection = Projection.Load(FileSet.FromFolder(Path.Combine(python.Folder, name)), 12)!;
            Assert.Equal((12, 5, activation, parameters), (projection.Inputs, projection.Outputs, projection.Activation, projection.Parameters.Count()));
            var x = tensor(python.Read<float>(name + ".x"), [7, 12], requires_grad: true);
            var y = projection.Forward(x);
            (y * arange(5, dtype: float32)).sum().backward();
            GoldenLosses.Near(tensor(python.Read<float>(name + ".y"), [7, 5]), y, 1e-6f, name);
            GoldenLosses.Near(tensor(python.Read<float>(name + ".dx"), [7, 12]), x.grad!, 1e-6f, name);
            GoldenLosses.Near(tensor(python.Read<float>(name + ".dw"), [5, 12]), projection.Parameters.First().Value.grad!, 1e-5f, name);

            var copy = Directory.CreateDirectory(Path.Combine(python.Folder, name + "-copy")).FullName;
            projection.Write(Path.Combine(copy, "2_Dense"));
            using var back = Projection.Load(FileSet.FromFolder(copy), 12)!;
            Assert.Equal(y.data<float>().ToArray(), back.Forward(x).data<float>().ToArray());
        }

        Assert.Equal(
            "{\n  \"in_features\": 12,\n  \"out_features\": 5,\n  \"bias\": true,\n  \"activation_function\": \"torch.nn.modules.activation.Tanh\"\n}",
            File.ReadAllText(Path.Combine(python.Folder, "tanh-copy", "2_Dense", "config.json")));
    }

    [Theory]
    [InlineData("""{"in_features": 11, "out_features": 5, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}""", "in_features 11")]
    [InlineData("""{"in_features": 12, "out_features": 0, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}""", "out_features 0")]
    [InlineData("""{"in_features": 12, "out_features": 5, "bias": true, "activation_function": "torch.nn.modules.activation.GELU"}""", "activation_function")]
    [InlineData("""{"in_features": 12, "out_features": 5, "bias": 3, "activation_function": "torch.nn.modules.activation.Tanh"}""", "says bias 3")]
    [InlineData("""{"in_features": 12, "out_features": 5, "bias": true, "module_input_name": "token_embeddings"}""", "module_input_name")]
    [InlineData("""{"in_features": 12, "out_features": 5, "bias": true}""", "without weights")]
    [InlineData("""{"in_features": 12, "out_features": """, "no configuration of a projection")]
    public void Load_SaysWhatIsWrong_WhenTheModuleIsAnother(string config, string expected)
    {
        PythonTorch.RequireTorch();
        var folder = Directory.CreateTempSubdirectory("projection-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "2_Dense"));
            File.WriteAllText(Path.Combine(folder, "2_Dense", "config.json"), config);

            Assert.Contains(expected, Assert.Throws<TrainerException>(() => Projection.Load(FileSet.FromFolder(folder), 12)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
