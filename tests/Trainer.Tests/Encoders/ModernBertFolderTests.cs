using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using Trainer.Training;

namespace Trainer.Tests.Encoders;

/// <summary>What a ModernBERT's folder may look like, and what is said of one that does not fit.</summary>
[Collection(TorchCollection.Name)]
public sealed class ModernBertFolderTests : IDisposable
{
    const string Attend = "layers.1.attn.Wqkv.weight";

    readonly string _folder = Directory.CreateTempSubdirectory("modernbert-folder-").FullName;

    string ConfigPath => Path.Combine(_folder, "config.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "model.")]
    public void Load_ReadsTheSameWeights_WithAndWithoutPrefix_AndTellsOfForeignTensors(bool biased, string prefix)
    {
        PythonTorch.RequireTorch();
        using var encoder = ModernBert.Create(biased ? ModernBert.Biased : ModernBert.Config);
        ModernBert.Write(encoder, _folder);
        string[] foreign = ["classifier.weight", "decoder.bias", "head.dense.weight", "head.norm.weight", $"{prefix}layers.0.attn.rotary_emb.inv_freq"];
        var own = ModernBert.Tensors(encoder);
        SafetensorsWriter.Write(Path.Combine(_folder, "model.safetensors"), [.. own.Select(t => t with { Name = prefix + t.Name }), .. foreign.Select(name => SafetensorsTensor.Floats(name, [2], [1, 2]))]);

        using var again = TransformerEncoder.Load(FileSet.FromFolder(_folder));

        Assert.Equal(encoder.Config, again.Config);
        Assert.Equal(foreign.Order(StringComparer.Ordinal), again.Foreign);
        Assert.Equal(biased, again.Parameters.Any(p => p.Name.EndsWith(".bias", StringComparison.Ordinal)));
        Assert.DoesNotContain(again.Parameters, p => p.Name.StartsWith("layers.0.attn_norm", StringComparison.Ordinal));
        Assert.All(own.Zip(again.Parameters), pair =>
        {
            Assert.Equal(pair.First.Name, pair.Second.Name);
            Assert.Equal(pair.First.Data.ToArray(), SafetensorsTensor.Floats("", pair.Second.Value.shape, pair.Second.Value.data<float>().ToArray()).Data.ToArray());
        });
    }

    // The published file of ModernBERT-base, all its keys.
    [Fact]
    public void Config_IsReadAsPublished()
    {
        File.WriteAllText(ConfigPath, """
            {"architectures":["ModernBertForMaskedLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":50281,"classifier_activation":"gelu","classifier_bias":false,"classifier_dropout":0.0,
            "classifier_pooling":"mean","cls_token_id":50281,"decoder_bias":true,"deterministic_flash_attn":false,"embedding_dropout":0.0,"eos_token_id":50282,"global_attn_every_n_layers":3,
            "global_rope_theta":160000.0,"gradient_checkpointing":false,"hidden_activation":"gelu","hidden_size":768,"initializer_cutoff_factor":2.0,"initializer_range":0.02,"intermediate_size":1152,
            "layer_norm_eps":1e-05,"local_attention":128,"local_rope_theta":10000.0,"max_position_embeddings":8192,"mlp_bias":false,"mlp_dropout":0.0,"model_type":"modernbert","norm_bias":false,
            "norm_eps":1e-05,"num_attention_heads":12,"num_hidden_layers":22,"pad_token_id":50283,"position_embedding_type":"absolute","sep_token_id":50282,"tie_word_embeddings":true,
            "torch_dtype":"float32","transformers_version":"4.47.0.dev0","vocab_size":50368}
            """);

        var config = TransformerConfig.Read(ConfigPath);

        Assert.Equal(new ModernBertShape(), config.Modern);
        Assert.Equal((768, 22, 12, 1152, 8192, 50368, 50283), (config.HiddenSize, config.Layers, config.Heads, config.IntermediateSize, config.MaxLength, config.VocabularySize, config.PadTokenId));
        Assert.Equal((1e-5, 0.0, 0.0, "model."), (config.LayerNormEpsilon, config.HiddenDropout, config.AttentionDropout, config.Prefix));
        Assert.Equal([0, 3, 6, 9, 12, 15, 18, 21], Enumerable.Range(0, 22).Where(config.Modern!.IsGlobal));

        // 149,014,272 parameters of ModernBERT-base are those of its encoder.
        Assert.Equal(149_014_272, TransformerTensors.Of(config).Sum(t => t.Shape.Aggregate(1L, (n, d) => n * d)));
    }

    [Theory]
    [InlineData("{\"layer_types\":[\"full_attention\",\"sliding_attention\",\"full_attention\",\"sliding_attention\"]}", 2, 160000, 10000)]
    [InlineData("{\"layer_types\":[\"full_attention\",\"sliding_attention\",\"sliding_attention\",\"sliding_attention\"],\"global_attn_every_n_layers\":5}", 5, 160000, 10000)]
    [InlineData("{\"layer_types\":[\"full_attention\",\"full_attention\",\"full_attention\",\"full_attention\"]}", 1, 160000, 10000)]
    [InlineData("{\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"default\",\"rope_theta\":70000},\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":30}}}", 3, 70000, 30)]
    [InlineData("{\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"default\"}},\"global_rope_theta\":9,\"local_rope_theta\":8}", 3, 9, 8)]
    [InlineData("{\"global_rope_theta\":50,\"local_rope_theta\":null}", 3, 50, 50)]
    [InlineData("{\"global_attn_every_n_layers\":null,\"rope_scaling\":null}", 3, 160000, 10000)]
    public void Config_IsReadAsOtherVersionsWriteIt(string keys, int every, double global, double local)
    {
        WriteConfig(Keys(), keys);

        var shape = TransformerConfig.Read(ConfigPath).Modern!;

        Assert.Equal((every, global, local), (shape.GlobalEvery, shape.GlobalTheta, shape.LocalTheta));
    }

    [Theory]
    [InlineData("{\"hidden_activation\":\"silu\"}", "hidden_activation 'silu'; expected 'gelu'")]
    [InlineData("{\"num_attention_heads\":32}", "an odd share; expected an even one")]
    [InlineData("{\"num_attention_heads\":3}", "hidden_size 32 is no multiple of num_attention_heads 3")]
    [InlineData("{\"global_attn_every_n_layers\":0}", "GlobalEvery must be between 1 and 1000")]
    [InlineData("{\"local_attention\":-1}", "Window must be between 1 and 10000000")]
    [InlineData("{\"local_attention\":0.5}", "local_attention 0.5; expected a whole number")]
    [InlineData("{\"global_rope_theta\":0}", "GlobalTheta must be between 1 and")]
    [InlineData("{\"local_rope_theta\":1e400}", "out of range")]
    [InlineData("{\"mlp_dropout\":1}", "MlpDropout must be between 0 and 0.999")]
    [InlineData("{\"norm_bias\":1}", "norm_bias 1; expected true or false")]
    [InlineData("{\"norm_eps\":0}", "out of range")]
    [InlineData("{\"pad_token_id\":null}", "pad_token_id 50283 does not fit vocab_size 50")]
    [InlineData("{\"intermediate_size\":null}", "no intermediate_size")]
    [InlineData("{\"rope_scaling\":{\"type\":\"linear\"}}", "rope_scaling; expected none")]
    [InlineData("{\"rope_parameters\":[]}", "rope_parameters []; expected an object")]
    [InlineData("{\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"yarn\"}}}", "rope_type 'yarn'; expected 'default'")]
    [InlineData("{\"rope_parameters\":{\"sliding_attention\":{\"rope_theta\":-2}}}", "rope_theta -2 for sliding_attention; expected 1 or more")]
    [InlineData("{\"layer_types\":[\"full_attention\"]}", "names 1 layer_types for 4 layers")]
    [InlineData("{\"layer_types\":\"full_attention\"}", "expected an array of texts")]
    [InlineData("{\"layer_types\":[\"full_attention\",\"sliding_attention\",\"linear\",\"full_attention\"]}", "expected one each, full_attention or sliding_attention")]
    [InlineData("{\"layer_types\":[\"sliding_attention\",\"full_attention\",\"sliding_attention\",\"full_attention\"]}", "in other layers than every n-th, the first among them; expected")]
    [InlineData("{\"layer_types\":[\"full_attention\",\"sliding_attention\",\"full_attention\",\"sliding_attention\"],\"global_attn_every_n_layers\":3}", "(global_attn_every_n_layers 3)")]
    public void Config_IsRefused_WhenItAsksForAnotherModel(string keys, string expected)
    {
        WriteConfig(Keys(), keys);

        var error = Assert.Throws<TrainerException>(() => TransformerConfig.Read(ConfigPath));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(ConfigPath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "has no tensor '" + Attend + "' (with or without 'model.')", "(96, 32)")]
    [InlineData("shape", "tensor '" + Attend + "' has shape (32, 96)", "asks for (96, 32)")]
    [InlineData("norm", "1 tensors in the encoder", "layers.0.attn_norm.weight")]
    [InlineData("bias", "has no tensor 'layers.0.mlp.Wi.bias'", "(48)")]
    [InlineData("twice", "tensor 'model." + Attend + "' is there twice: '" + Attend + "'", "model.safetensors")]
    public void Load_Refuses_WhenWeightsDoNotFit(string fault, string found, string expected)
    {
        PythonTorch.RequireTorch();
        using var encoder = ModernBert.Create(ModernBert.Config);
        ModernBert.Write(encoder, _folder);
        var tensors = ModernBert.Tensors(encoder);
        var at = tensors.FindIndex(t => t.Name == Attend);
        switch (fault)
        {
            case "missing": tensors.RemoveAt(at); break;
            case "shape": tensors[at] = tensors[at] with { Shape = [32, 96] }; break;
            case "norm": tensors.Add(SafetensorsTensor.Floats("layers.0.attn_norm.weight", [32], new float[32])); break;
            case "bias": WriteConfig(Keys(), "{\"mlp_bias\":true}"); break;
            default: tensors.Add(tensors[at] with { Name = "model." + Attend }); break;
        }

        SafetensorsWriter.Write(Path.Combine(_folder, "model.safetensors"), tensors);

        var error = Assert.Throws<TrainerException>(() => TransformerEncoder.Load(FileSet.FromFolder(_folder)));

        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossEncoder_IsRefused_ForThisType()
    {
        PythonTorch.RequireTorch();
        using var encoder = ModernBert.Create(ModernBert.Config);
        ModernBert.Write(encoder, _folder);

        Assert.Contains("of type modernbert; expected bert or xlm-roberta", Assert.Throws<TrainerException>(() => CrossEncoder.Start(FileSet.FromFolder(_folder), 1)).Message, StringComparison.Ordinal);
        Assert.Contains("of type modernbert; expected bert or xlm-roberta", Assert.Throws<TrainerException>(() => CrossEncoder.Create(ModernBert.Config, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_IsReadOrRefusedByName_WhateverItSays()
    {
        string[] values =
        [
            "0", "1", "2", "3", "31", "-1", "50", "1000000000", "2147483647", "2147483648", "1e9", "1e400", "0.5", "-0.0", "true", "null", "\"8\"", "[]", "[8]", "{}", "\"gelu\"", "[\"full_attention\"]", "[\"full_attention\",null]",
            "{\"full_attention\":{\"rope_theta\":5}}", "{\"sliding_attention\":7}", "{\"full_attention\":null}",
        ];
        var sound = Keys();
        var names = sound.Select(k => k.Key).Concat(["layer_types", "rope_parameters", "rope_scaling", "local_rope_theta", "bos_token_id"]).ToArray();
        var random = new SplitMix64(31);
        var (refused, rounds) = (0, FuzzRounds.Count / 2);
        for (var round = 0; round < rounds; round++)
        {
            var keys = sound.DeepClone().AsObject();
            for (var i = random.Below(3); i >= 0; i--)
            {
                keys[names[random.Below(names.Length)]] = JsonNode.Parse(values[random.Below(values.Length)]);
            }

            FuzzFile.Put(ConfigPath, JsonSerializer.SerializeToUtf8Bytes(keys));
            try
            {
                var config = TransformerConfig.Read(ConfigPath);
                TransformerConfigWriter.Write(config, ConfigPath, "ModernBertModel");
                Assert.Equal(config, TransformerConfig.Read(ConfigPath));
            }
            catch (TrainerException error)
            {
                Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, rounds / 4, rounds - 1);
    }

    JsonObject Keys()
    {
        TransformerConfigWriter.Write(ModernBert.Config, ConfigPath, "ModernBertModel");
        return JsonNode.Parse(File.ReadAllText(ConfigPath))!.AsObject();
    }

    // An explicit null is written; keys that versions 4 and 5 have each of their own are left to the case.
    void WriteConfig(JsonObject sound, string changes)
    {
        var changed = JsonNode.Parse(changes)!.AsObject();
        foreach (var name in changed.ContainsKey("layer_types") ? ["global_attn_every_n_layers"] : changed.ContainsKey("rope_parameters") ? new[] { "global_rope_theta", "local_rope_theta" } : [])
        {
            sound.Remove(name);
        }

        foreach (var (name, value) in changed)
        {
            sound[name] = value?.DeepClone();
        }

        File.WriteAllText(ConfigPath, sound.ToJsonString());
    }
}
