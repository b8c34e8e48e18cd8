using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>What a model folder may look like, and what is said of one that does not fit.</summary>
[Collection(TorchCollection.Name)]
public sealed class BertFolderTests
{
    const string Query = "encoder.layer.1.attention.self.query.weight";

    [Theory]
    [InlineData(TransformerConfig.Bert, "", false, 0)]
    [InlineData(TransformerConfig.Bert, "bert.", true, 0)]
    [InlineData(TransformerConfig.XlmRoberta, "roberta.", false, 0)]
    [InlineData(TransformerConfig.Bert, "bert.", false, 3)]
    public void Load_ReadsTheSameWeights_WhateverTheNamesAndFiles(string type, string prefix, bool oldNorms, int shards)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder(BertFolder.Config with { ModelType = type, PadTokenId = type == TransformerConfig.Bert ? 0 : 1 });
        var before = folder.Tensors.ToDictionary(t => t.Name, t => t.Data.ToArray());
        folder.Rename(name => prefix + (oldNorms ? name.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta") : name));
        folder.Tensors.Add(new SafetensorsTensor(prefix + "embeddings.position_ids", SafetensorsType.I64, [1, 1], new byte[8]));
        folder.Tensors.Add(SafetensorsTensor.Floats("cls.predictions.bias", [2], [1, 2]));
        if (shards > 0)
        {
            folder.WriteConfig();
            folder.WriteShards(shards);
        }

        using var encoder = shards > 0 ? folder.Load() : folder.WriteAndLoad();

        Assert.Equal(before.Keys, encoder.Parameters.Select(p => p.Name));
        Assert.All(encoder.Parameters, p => Assert.Equal(before[p.Name], SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray()).Data.ToArray()));
        Assert.Equal(new[] { "cls.predictions.bias", prefix + "embeddings.position_ids" }.Order(StringComparer.Ordinal), encoder.Foreign);
    }

    [Fact]
    public void Load_WidensShortTypesExactly()
    {
        using var python = new PythonTorch();
        python.Run(Path.Combine(AppContext.BaseDirectory, "Encoders", "short_types.py"));
        using var folder = new BertFolder(BertFolder.Config with { VocabularySize = 8192 });
        foreach (var (name, file, type) in new[] { ("embeddings.word_embeddings.weight", "f16", SafetensorsType.F16), ("encoder.layer.0.intermediate.dense.weight", "bf16", SafetensorsType.BF16) })
        {
            folder.Change(name, t => t with { Type = type, Data = python.Read<byte>(file).AsMemory(0, t.Data.Length / 2) });
        }

        using var encoder = folder.WriteAndLoad();

        var values = encoder.Parameters.ToDictionary(p => p.Name, p => p.Value.data<float>().ToArray());
        Assert.Equal(Bits(python.Read<float>("f16_wide")), Bits(values["embeddings.word_embeddings.weight"]));
        Assert.Equal(Bits(python.Read<float>("bf16_wide").AsSpan(0, 96).ToArray()), Bits(values["encoder.layer.0.intermediate.dense.weight"]));
        static uint[] Bits(float[] values) => Array.ConvertAll(values, v => float.IsNaN(v) ? uint.MaxValue : BitConverter.SingleToUInt32Bits(v));
    }

    [Theory]
    [InlineData("missing", "has no tensor '" + Query + "'", "(8, 8)")]
    [InlineData("shape", "tensor '" + Query + "' has shape (4, 16)", "asks for (8, 8)")]
    [InlineData("type", "tensor '" + Query + "' is F64", "expected F32, F16 or BF16")]
    [InlineData("extra", "1 tensors in the encoder", "encoder.layer.2.output.dense.bias")]
    [InlineData("twice", "tensor '" + Query + "' is there twice: 'bert." + Query + "'", "model.safetensors")]
    [InlineData("vocabulary", "embeddings.word_embeddings.weight' has shape (11, 8)", "asks for (12, 8)")]
    [InlineData("layers", "16 tensors in the encoder", "Expected 1 layers of bert")]
    public void Load_Refuses_WhenWeightsDoNotFit(string fault, string found, string expected)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        switch (fault)
        {
            case "missing": folder.Change(Query, _ => null); break;
            case "shape": folder.Change(Query, t => t with { Shape = [4, 16] }); break;
            case "type": folder.Change(Query, t => t with { Type = SafetensorsType.F64, Shape = [8, 4] }); break;
            case "extra": folder.Tensors.Add(SafetensorsTensor.Floats("encoder.layer.2.output.dense.bias", [8], new float[8])); break;
            case "twice": folder.Tensors.Add(SafetensorsTensor.Floats("bert." + Query, [8, 8], new float[64])); break;
            case "vocabulary": folder.Keys["vocab_size"] = 12; break;
            default: folder.Keys["num_hidden_layers"] = 1; break;
        }

        var error = Assert.Throws<TrainerException>(() => folder.WriteAndLoad());

        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "\"gpt2\"", "'gpt2'; expected static, bert, xlm-roberta or modernbert")]
    [InlineData("model_type", "null", "no model_type")]
    [InlineData("hidden_size", "null", "no hidden_size")]
    [InlineData("hidden_size", "\"8\"", "says hidden_size \"8\"; expected a whole number")]
    [InlineData("hidden_size", "99999999999", "99999999999; expected a whole number below 2^31")]
    [InlineData("hidden_size", "-8", "out of range")]
    [InlineData("num_hidden_layers", "2000000000", "out of range")]
    [InlineData("num_attention_heads", "3", "hidden_size 8 is no multiple of num_attention_heads 3")]
    [InlineData("hidden_act", "\"relu\"", "hidden_act 'relu'; expected 'gelu'")]
    [InlineData("position_embedding_type", "\"relative_key\"", "expected 'absolute'")]
    [InlineData("is_decoder", "true", "decoder")]
    [InlineData("pad_token_id", "11", "pad_token_id 11 does not fit vocab_size 11")]
    [InlineData("layer_norm_eps", "0", "out of range")]
    public void Load_Refuses_WhenTheConfigurationIsNotAnEncoders(string key, string value, string expected)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        folder.Keys[key] = JsonNode.Parse(value);

        var error = Assert.Throws<TrainerException>(() => folder.WriteAndLoad());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../other.safetensors")]
    [InlineData("model-00009-of-00009.safetensors")]
    public void Load_OpensNoFileOutsideTheFolder_WhateverTheIndexSays(string name)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        folder.WriteConfig();
        folder.WriteIndex(new() { [Query] = name });

        Assert.Contains($"has no file '{name}'", Assert.Throws<TrainerException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"weight_map\":{}}")]
    [InlineData("{\"weight_map\":{\"a\":1}}")]
    [InlineData("{")]
    public void Load_Refuses_WhenTheIndexIsUnsound(string text)
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder();
        folder.WriteConfig();
        File.WriteAllText(Path.Combine(folder.Path, PretrainedTensors.IndexFile), text);

        Assert.Contains(PretrainedTensors.IndexFile, Assert.Throws<TrainerException>(() => folder.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_Refuses_WhenTextsDoNotFitTheModel()
    {
        PythonTorch.RequireTorch();
        using var folder = new BertFolder(BertFolder.Config with { ModelType = TransformerConfig.XlmRoberta, PadTokenId = 1 });
        using var encoder = folder.WriteAndLoad();

        Assert.Equal(4, encoder.Config.MaxLength);
        Assert.Contains("5 tokens; the model has positions for 4", Refusal([2, 3, 4, 5, 6]), StringComparison.Ordinal);
        Assert.Contains("token id 11; the model has 11", Refusal([2, 11]), StringComparison.Ordinal);
        Assert.Contains("token id -1", Refusal([2, -1]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PaddedBatch.From(new TokenBatch([2, 3], [0, 2]), 1));
        Assert.Contains("12 entries, the token table 11 rows", Assert.Throws<TrainerException>(() => encoder.RequireVocabulary(12, "mine")).Message, StringComparison.Ordinal);
        encoder.RequireVocabulary(11, "mine");

        string Refusal(long[] ids) => Assert.Throws<TrainerException>(() => encoder.Forward(PaddedBatch.From(BertGolden.Batch([ids]), 1))).Message;
    }

    [Fact]
    public void Create_DrawsTheSameWeights_AndLeavesNoHandles()
    {
        PythonTorch.RequireTorch();
        var before = TorchCollection.SettledHandles();
        using (var first = TransformerEncoder.Create(BertFolder.Config with { VocabularySize = 4000, InitializerRange = 0.5 }, 7))
        using (var second = TransformerEncoder.Create(first.Config, 7))
        {
            Assert.All(first.Parameters.Zip(second.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
            var table = first.Parameters[0].Value.data<float>().ToArray();
            Assert.All(table.AsSpan(0, 8).ToArray(), v => Assert.Equal(0f, v));
            Assert.InRange(Math.Sqrt(table.Average(v => (double)v * v)), 0.49, 0.51);
            using var scope = NewDisposeScope();
            second.Forward(PaddedBatch.From(BertGolden.Batch([[1, 2, 3], [4]]), 0)).sum().backward();
        }

        Assert.Equal(before, TorchCollection.SettledHandles());
    }
}
