using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using Trainer.Training;

namespace Trainer.Tests.Encoders;

/// <summary>Configurations and weights that do not fit, or are made to hurt: refused by name before anything of their size is allocated.</summary>
[Collection(TorchCollection.Name)]
public sealed class HostileFolderTests
{
    static readonly string[] Values =
    [
        "0", "1", "2", "4", "8", "11", "-1", "1000", "1000000000", "2147483647", "2147483648", "4294967296", "1e9", "1e400", "0.5", "-0.0", "true", "null", "\"8\"", "\"\"", "[]", "[8]", "{}", "\"\\u0000\"", "\"bert\"", "\"xlm-roberta\"", "\"gelu\"",
    ];

    [Fact]
    public void Folder_IsReadOrRefusedByName_WhateverItsConfigurationSays()
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        SafetensorsWriter.Write(Path.Combine(folder.Path, "model.safetensors"), folder.Tensors);
        var keys = folder.Keys.Select(k => k.Key).Concat(["type_vocab_size", "pad_token_id", "layer_norm_eps", "hidden_dropout_prob", "hidden_act", "is_decoder", "position_embedding_type", "initializer_range"]).ToArray();
        var sound = folder.Keys.ToJsonString();
        var path = Path.Combine(folder.Path, "config.json");
        var random = new SplitMix64(22);
        var (refused, rounds) = (0, FuzzRounds.Count);
        for (var round = 0; round < rounds; round++)
        {
            FuzzFile.Put(path, System.Text.Encoding.UTF8.GetBytes(Damage(sound, keys, ref random)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var config = TransformerConfig.Read(path);
                using var tensors = new PretrainedTensors(FileSet.FromFolder(folder.Path), config);
                Assert.Equal(config.VocabularySize * config.HiddenSize, tensors.Read(TransformerTensors.Tokens).Length);
            }
            catch (TrainerException error)
            {
                Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
                refused++;
            }

            // A thousand layers have sixteen thousand names; nothing else may grow with what the file says.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
        }

        Assert.InRange(refused, rounds / 2, rounds - 1);
    }

    [Fact]
    public void Index_IsReadOrRefusedByName_WhateverItSays()
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        folder.WriteConfig();
        folder.WriteShards(2);
        var (config, path) = (TransformerConfig.Read(Path.Combine(folder.Path, "config.json")), Path.Combine(folder.Path, PretrainedTensors.IndexFile));
        var sound = File.ReadAllBytes(path);
        var random = new SplitMix64(23);
        var (refused, rounds) = (0, FuzzRounds.Count / 10);
        for (var round = 0; round < rounds; round++)
        {
            byte[] bytes = random.Below(3) == 0 ? sound[..random.Below(sound.Length)] : [.. sound];
            for (var i = random.Below(8); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Next();
            }

            FuzzFile.Put(path, bytes);
            try
            {
                using var tensors = new PretrainedTensors(FileSet.FromFolder(folder.Path), config);
            }
            catch (TrainerException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, rounds / 4, rounds - 1);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../../etc/passwd"}}""", "no file '../../etc/passwd'")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "no file '/etc/passwd'")]
    [InlineData("""{"weight_map":{"a":7}}""", "is not an index of safetensors files")]
    [InlineData("""{"weight_map":{}}""", "names no file in weight_map")]
    [InlineData("""{"weight_map":[]}""", "no object weight_map")]
    [InlineData("""[]""", "no object weight_map")]
    [InlineData("""{"weight_map":{"a":""", "is not an index of safetensors files")]
    public void Index_LeadsNowhereElse(string index, string expected)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        folder.WriteConfig();
        File.WriteAllText(Path.Combine(folder.Path, PretrainedTensors.IndexFile), index);

        Assert.Contains(expected, Assert.Throws<TrainerException>(() => new PretrainedTensors(FileSet.FromFolder(folder.Path), BertFolder.Config)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_hidden_layers", "1000000000", "between 1 and 1000")]
    [InlineData("vocab_size", "2147483648", "vocab_size 2147483648; expected a whole number below 2^31")]
    [InlineData("vocab_size", "1e9", "vocab_size 1e9; expected a whole number below 2^31")]
    [InlineData("hidden_size", "NaN", "is not a model's configuration")]
    [InlineData("hidden_size", "7", "no multiple of num_attention_heads")]
    [InlineData("layer_norm_eps", "1e400", "LayerNormEpsilon")]
    [InlineData("hidden_dropout_prob", "-1", "HiddenDropout")]
    [InlineData("num_attention_heads", "0", "Heads")]
    public void Configuration_OutOfBounds_IsRefused(string key, string value, string expected)
    {
        using var file = new TemporaryFile($$"""{"model_type":"bert","vocab_size":11,"hidden_size":8,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":12,"max_position_embeddings":6,"{{key}}":{{value}}}""");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<TrainerException>(() => TransformerConfig.Read(file.Path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Configuration_OfAHundredMegabytes_IsRefusedUnread()
    {
        using var file = new TemporaryFile("");
        using (var stream = File.OpenWrite(file.Path))
        {
            stream.SetLength(100_000_000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("of at most 16777216", Assert.Throws<TrainerException>(() => TransformerConfig.Read(file.Path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    static string Damage(string sound, string[] keys, ref SplitMix64 random)
    {
        switch (random.Below(8))
        {
            case 0:
                return sound[..random.Below(sound.Length)];
            case 1:
                var text = sound.ToCharArray();
                text[random.Below(text.Length)] = (char)random.Below(0x250);
                return new string(text);
            default:
                var json = JsonNode.Parse(sound)!.AsObject();
                for (var i = random.Below(3); i > 0; i--)
                {
                    json.Remove(keys[random.Below(keys.Length)]);
                }

                var members = json.Select(m => $"{JsonSerializer.Serialize(m.Key)}:{m.Value!.ToJsonString()}").ToList();
                for (var i = random.Below(3); i > 0; i--)
                {
                    members.Add($"{JsonSerializer.Serialize(keys[random.Below(keys.Length)])}:{Values[random.Below(Values.Length)]}");
                }

                return $"{{{string.Join(',', members)}}}";
        }
    }

    sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
