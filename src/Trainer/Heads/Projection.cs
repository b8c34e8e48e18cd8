using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// A linear map behind the pooling, (B, in) to (B, out), as sentence-transformers' Dense module and SimLM's pooler compute it. None is the rule: a new one behind a
/// pretrained encoder begins untrained and loses what the model was made for until it is trained.
/// </summary>
public sealed class Projection : IDisposable
{
    /// <summary>Folder of sentence-transformers' module, where it stands third.</summary>
    public const string Folder = "2_Dense";

    /// <summary>SimLM's file beside the model.</summary>
    public const string PoolerFile = "pooler.pt";

    /// <summary>Start of its parameters' names.</summary>
    public const string Names = "projection.";

    const string Prefix = "linear.";
    const string IdentityClass = "torch.nn.modules.linear.Identity";
    const string TanhClass = "torch.nn.modules.activation.Tanh";

    readonly LinearMap _map;

    Projection(LinearMap map, ProjectionActivation activation) => (_map, Activation) = (map, activation);

    /// <summary>What follows the linear map.</summary>
    public ProjectionActivation Activation { get; }

    /// <summary>Length of the vectors it reads.</summary>
    public int Inputs => _map.Inputs;

    /// <summary>Length of the vectors it gives.</summary>
    public int Outputs => _map.Outputs;

    /// <summary>Weight (out, in) and bias (out), if it has one, by the names projection.linear.weight and projection.linear.bias.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters => _map.Parameters(Names + Prefix);

    /// <summary>A new one, with the values that PyTorch's Linear draws.</summary>
    /// <param name="inputs">Length of the vectors it reads.</param>
    /// <param name="outputs">Length of the vectors it gives.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="activation">What follows the linear map.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public static Projection Create(int inputs, int outputs, long seed, ProjectionActivation activation = ProjectionActivation.Identity, bool bias = true)
    {
        random.manual_seed(seed);
        return new Projection(LinearMap.Create(inputs, outputs, bias), activation);
    }

    /// <summary>Loads a model's projection: the module in <c>2_Dense</c> (safetensors, or <c>pytorch_model.bin</c>), or SimLM's <c>pooler.pt</c>; null where there is none.</summary>
    /// <param name="files">The model's folder.</param>
    /// <param name="width">Length of the pooled vectors.</param>
    /// <param name="folder">Folder of the module, as modules.json names it.</param>
    /// <exception cref="TrainerException">A file is unsound, made for another width, or asks for something that is not computed here.</exception>
    public static Projection? Load(FileSet files, int width, string folder = Folder)
    {
        if (!files.Has($"{folder}/config.json"))
        {
            using var pooler = WeightFile.Find(files, PoolerFile);
            return pooler is null ? null : new Projection(LinearMap.Read(pooler, "", width, bias: pooler.Has("bias")), ProjectionActivation.Identity);
        }

        var path = files[$"{folder}/config.json"];
        var (outputs, bias, activation) = ReadConfig(path, width);
        using var weights = WeightFile.Find(files, $"{folder}/model.safetensors", $"{folder}/pytorch_model.bin")
            ?? throw new TrainerException($"{files.Label} has {folder}/config.json without weights; expected {folder}/model.safetensors or {folder}/pytorch_model.bin.");
        return new Projection(LinearMap.Read(weights, Prefix, width, outputs, bias), activation);
    }

    /// <summary>Projects vectors, (B, in) to (B, out).</summary>
    public Tensor Forward(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        var mapped = _map.Apply(vectors);
        return (Activation == ProjectionActivation.Tanh ? mapped.tanh() : mapped).MoveToOuterDisposeScope();
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> as sentence-transformers' Dense module has them.</summary>
    /// <param name="folder">The module's folder; made if absent.</param>
    public void Write(string folder) => Write(folder, Activation, [.. _map.Parameters(Prefix).Select(p => ModelFolder.ToFile(p.Name, p.Value))]);

    /// <summary>Writes the same files of other values.</summary>
    /// <param name="folder">The module's folder; made if absent.</param>
    /// <param name="activation">What follows the linear map.</param>
    /// <param name="tensors">Weight (out, in), and bias (out) if there is one, by the names of <see cref="Parameters"/> or without their prefix.</param>
    public static void Write(string folder, ProjectionActivation activation, IEnumerable<SafetensorsTensor> tensors)
    {
        var own = tensors.Select(t => t with { Name = t.Name[t.Name.IndexOf(Prefix, StringComparison.Ordinal)..] }).ToList();
        var weight = own.Single(t => t.Name == Prefix + "weight");
        Directory.CreateDirectory(folder);
        using (var file = new FileStream(Path.Combine(folder, ModelFolder.ConfigFile), FileMode.Create, FileAccess.Write))
        {
            using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            json.WriteNumber("in_features", weight.Shape[1]);
            json.WriteNumber("out_features", weight.Shape[0]);
            json.WriteBoolean("bias", own.Count > 1);
            json.WriteString("activation_function", activation == ProjectionActivation.Tanh ? TanhClass : IdentityClass);
            json.WriteEndObject();
        }

        SafetensorsWriter.Write(Path.Combine(folder, ModelFolder.WeightsFile), own, new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    static (int Outputs, bool Bias, ProjectionActivation Activation) ReadConfig(string path, int width)
    {
        try
        {
            using var json = ConfigKeys.Open(path, 1 << 20);
            var keys = new ConfigKeys(json.RootElement, path);
            if (keys.Whole("in_features") is var inputs && inputs != width)
            {
                throw new TrainerException($"{path} says in_features {inputs}; the vectors before it have {width} components.");
            }

            if (keys.Whole("out_features") is var outputs && outputs is < 1 or > 65536)
            {
                throw new TrainerException($"{path} says out_features {outputs}; expected 1 to 65536.");
            }

            foreach (var key in new[] { "module_input_name", "module_output_name" })
            {
                keys.Expect(key, "sentence_embedding");
            }

            var activation = keys.Text("activation_function") switch
            {
                // sentence-transformers' own default.
                null or TanhClass => ProjectionActivation.Tanh,
                IdentityClass => ProjectionActivation.Identity,
                var other => throw new TrainerException($"{path} says activation_function '{other}'; expected {IdentityClass} or {TanhClass}."),
            };
            return (outputs, !json.RootElement.TryGetProperty("bias", out _) || keys.Flag("bias"), activation);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException)
        {
            throw new TrainerException($"{path} is no configuration of a projection: {error.Message}", error);
        }
    }
}
