using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders.Transformers;

namespace Trainer.Tests.Encoders;

/// <summary>A small model folder that a test changes before it is read.</summary>
sealed class BertFolder : IDisposable
{
    public static readonly TransformerConfig Config = new()
    {
        ModelType = TransformerConfig.Bert,
        VocabularySize = 11,
        HiddenSize = 8,
        Layers = 2,
        Heads = 2,
        IntermediateSize = 12,
        MaxPositions = 6,
        PadTokenId = 0,
    };

    public BertFolder(TransformerConfig? config = null)
    {
        var shape = config ?? Config;
        using var encoder = TransformerEncoder.Create(shape, 4);
        Tensors = [.. encoder.Parameters.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray()))];
        Keys = new JsonObject
        {
            ["model_type"] = shape.ModelType,
            ["vocab_size"] = shape.VocabularySize,
            ["hidden_size"] = shape.HiddenSize,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["intermediate_size"] = shape.IntermediateSize,
            ["max_position_embeddings"] = shape.MaxPositions,
            ["torch_dtype"] = "float32",
        };
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("bert-folder-").FullName;

    public List<SafetensorsTensor> Tensors { get; }

    public JsonObject Keys { get; }

    /// <summary>Changes one tensor, or removes it.</summary>
    public void Change(string name, Func<SafetensorsTensor, SafetensorsTensor?> change)
    {
        var at = Tensors.FindIndex(t => t.Name == name);
        var changed = change(Tensors[at]);
        Tensors.RemoveAt(at);
        if (changed is not null)
        {
            Tensors.Insert(at, changed);
        }
    }

    /// <summary>Renames every tensor.</summary>
    public void Rename(Func<string, string> name)
    {
        for (var i = 0; i < Tensors.Count; i++)
        {
            Tensors[i] = Tensors[i] with { Name = name(Tensors[i].Name) };
        }
    }

    public void WriteConfig() => File.WriteAllText(System.IO.Path.Combine(Path, "config.json"), Keys.ToJsonString());

    /// <summary>Writes the tensors into shards with an index that names them.</summary>
    public void WriteShards(int count)
    {
        var map = new Dictionary<string, string>();
        foreach (var (shard, tensors) in Tensors.Chunk((Tensors.Count + count - 1) / count).Index())
        {
            var name = $"model-{shard + 1:D5}-of-{count:D5}.safetensors";
            SafetensorsWriter.Write(System.IO.Path.Combine(Path, name), tensors);
            foreach (var tensor in tensors)
            {
                map[tensor.Name] = name;
            }
        }

        WriteIndex(map);
    }

    public void WriteIndex(Dictionary<string, string> map) =>
        File.WriteAllText(System.IO.Path.Combine(Path, PretrainedTensors.IndexFile), JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));

    /// <summary>Writes configuration and one file of weights, and loads the folder.</summary>
    public TransformerEncoder WriteAndLoad()
    {
        WriteConfig();
        SafetensorsWriter.Write(System.IO.Path.Combine(Path, "model.safetensors"), Tensors);
        return Load();
    }

    public TransformerEncoder Load() => TransformerEncoder.Load(FileSet.FromFolder(Path));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
