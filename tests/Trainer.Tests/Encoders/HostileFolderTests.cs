using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
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
        "0", "1", "2", "4", "8", "11", "-1", "1000", "1000000000", "2147483647", "2147483648", "4294967296", "1e9", "1e400", "0.5", "-0.0", "true", "null", "\"8\"", "\"\"", "[]", "[8]", "[0.5]", "[-1]", "{}", "\"\\u0000\"", "\"bert\"", "\"xlm-roberta\"", "\"gelu\"",
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
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public void Settings_AreReadOrRefused_WhateverTheSmallFilesSay(string golden)
    {
        var folder = Directory.CreateTempSubdirectory("settings-");
        try
        {
            string[] names = ["config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json", "workflow.json"];
            folder.CreateSubdirectory("1_Pooling");
            var sound = names.ToDictionary(n => n, n => Path.Combine(Fixture.Shared($"golden/{golden}"), n) is var path && File.Exists(path) ? File.ReadAllText(path) : """{"query_length":32,"passage_length":64,"matryoshka_dimensions":[8,16]}""");
            foreach (var (name, text) in sound)
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
            }

            var files = FileSet.FromFolder(folder.FullName);
            var random = new SplitMix64(24);
            var (refused, rounds) = (0, FuzzRounds.Count);
            for (var round = 0; round < rounds; round++)
            {
                var name = names[random.Below(names.Length)];
                FuzzFile.Put(files[name], System.Text.Encoding.UTF8.GetBytes(DamageText(sound[name], ref random)));
                try
                {
                    var config = ModelSettings.Read(files).ToConfig();
                    Assert.InRange(config.PassageLength, 1, 128);
                    Assert.All(config.MatryoshkaDimensions, d => Assert.InRange(d, 1, config.Dimensions));
                }
                catch (TrainerException)
                {
                    refused++;
                }

                FuzzFile.Put(files[name], System.Text.Encoding.UTF8.GetBytes(sound[name]));
            }

            Assert.InRange(refused, rounds / 10, rounds - 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void StaticConfiguration_IsReadOrRefused_WhateverItSays()
    {
        using var file = new TemporaryFile("");
        new ModelConfig { ModelType = "static", Dimensions = 8, VocabularySize = 11, Pooling = "weighted_mean", Normalize = true, QueryLength = 4, PassageLength = 6, MatryoshkaDimensions = [4] }.Write(file.Path);
        var sound = File.ReadAllText(file.Path);
        var random = new SplitMix64(25);
        var (refused, rounds) = (0, FuzzRounds.Count);
        for (var round = 0; round < rounds; round++)
        {
            FuzzFile.Put(file.Path, System.Text.Encoding.UTF8.GetBytes(DamageText(sound, ref random)));
            try
            {
                Assert.InRange(ModelConfig.Read(file.Path).Dimensions, 1, 65536);
            }
            catch (TrainerException error)
            {
                Assert.StartsWith(file.Path, error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, rounds / 2, rounds - 1);
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
    [InlineData("""{"query_length":1000000000,"passage_length":64}""", "query_length 1000000000 and passage_length 64; expected at most 128")]
    [InlineData("""{"matryoshka_dimensions":[8,0.5]}""", "no whole number from 1 to 64")]
    [InlineData("""{"matryoshka_dimensions":[65]}""", "no whole number from 1 to 64")]
    [InlineData("""{"matryoshka_dimensions":8}""", "expected an array of such")]
    [InlineData("[]", "expected an object")]
    public void OwnSettings_OutOfBounds_AreRefused(string own, string expected)
    {
        using var file = new TemporaryFile(own);
        var golden = FileSet.FromFolder(Fixture.Shared("golden/bert-mini"));
        var files = golden with { Paths = new Dictionary<string, string>(golden.Paths) { ["workflow.json"] = file.Path } };

        Assert.Contains(expected, Assert.Throws<TrainerException>(() => ModelSettings.Read(files)).Message, StringComparison.Ordinal);
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

    // Values put in the place of others, and characters anywhere.
    static string DamageText(string sound, ref SplitMix64 random)
    {
        var text = sound;
        for (var i = random.Below(3); i >= 0; i--)
        {
            if (random.Below(3) > 0)
            {
                var at = text.IndexOf(':', random.Below(text.Length));
                var end = at < 0 ? -1 : at + 1 < text.Length && text[at + 1] == '[' ? text.IndexOf(']', at) + 1 : text.IndexOfAny([',', '}', ']', '\n'], at);
                text = end < 1 ? text : $"{text[..(at + 1)]}{Values[random.Below(Values.Length)]}{text[end..]}";
            }
            else if (random.Below(4) == 0)
            {
                text = text[..random.Below(text.Length)] + "}";
            }
            else
            {
                var at = random.Below(text.Length);
                text = $"{text[..at]}{(char)random.Below(0x250)}{text[(at + 1)..]}";
            }
        }

        return text;
    }

    sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
