using System.Text.Json.Nodes;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Heads;

namespace Trainer.Tests.Export;

/// <summary>The small files beside the weights: their keys are those that sentence-transformers and Transformers read, old and new.</summary>
public sealed class SentenceTransformersFilesTests : IDisposable
{
    // Pooling's keyword arguments in version 2.2: any other key ends its loading with an error.
    static readonly string[] OldPoolingKeys =
        ["word_embedding_dimension", "pooling_mode_cls_token", "pooling_mode_mean_tokens", "pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens"];

    readonly string _folder = Directory.CreateTempSubdirectory("sentence-transformers-").FullName;

    static ModelConfig Config => new()
    {
        ModelType = "bert",
        Dimensions = 8,
        VocabularySize = 11,
        Pooling = "mean",
        Normalize = true,
        QueryLength = 64,
        PassageLength = 64,
        QueryPrompt = "query: ",
        PassagePrompt = "passage: é",
    };

    [Theory]
    [InlineData("bert-mini", PoolingMode.Cls, false)]
    [InlineData("xlmr-mini", PoolingMode.Cls, true)]
    public void Write_MakesTheGoldenFolderFiles(string model, PoolingMode pooling, bool normalize)
    {
        var golden = Fixture.Shared($"golden/{model}");
        SentenceTransformersFiles.Write(_folder, Config with { Dimensions = 64, Normalize = normalize }, pooling, 64);

        foreach (var file in new[] { "modules.json", "1_Pooling/config.json", "sentence_bert_config.json" })
        {
            var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(golden, file)));
            Assert.True(JsonNode.DeepEquals(expected, Json(file)), $"{file}: {Json(file)}");
        }
    }

    [Theory]
    [InlineData(PoolingMode.Cls, "pooling_mode_cls_token")]
    [InlineData(PoolingMode.Mean, "pooling_mode_mean_tokens")]
    [InlineData(PoolingMode.Max, "pooling_mode_max_tokens")]
    [InlineData(PoolingMode.MeanSqrtLength, "pooling_mode_mean_sqrt_len_tokens")]
    [InlineData(PoolingMode.WeightedMean, "pooling_mode_weightedmean_tokens")]
    [InlineData(PoolingMode.LastToken, "pooling_mode_lasttoken")]
    public void Pooling_IsOneKey_AndModesOfOldVersionsUseTheirKeysAlone(PoolingMode mode, string key)
    {
        SentenceTransformersFiles.Write(_folder, Config, mode, 64);

        var written = Json("1_Pooling/config.json").AsObject();
        Assert.Equal([key], written.Where(p => p.Value!.GetValueKind() == System.Text.Json.JsonValueKind.True).Select(p => p.Key));
        Assert.Equal(OldPoolingKeys.Contains(key), written.Select(p => p.Key).Order().SequenceEqual(OldPoolingKeys.Order()));
        Assert.False(mode != PoolingMode.Mean && written["pooling_mode_mean_tokens"]!.GetValue<bool>(), "mean is every version's default and must be switched off");
    }

    [Fact]
    public void Prompts_StandUnderEveryNameThatAVersionLooksFor()
    {
        SentenceTransformersFiles.Write(_folder, Config, PoolingMode.Mean, 64);

        var prompts = Json("config_sentence_transformers.json")["prompts"]!;
        Assert.Equal("query: ", (string?)prompts["query"]);
        Assert.Equal("passage: é", (string?)prompts["document"]);
        Assert.Equal("passage: é", (string?)prompts["passage"]);
        Assert.All(File.ReadAllBytes(Path.Combine(_folder, "config_sentence_transformers.json")), b => Assert.InRange(b, 0, 127));
    }

    [Theory]
    [InlineData(true, "cosine", 3)]
    [InlineData(false, "dot", 2)]
    public void Similarity_IsWhatTheEmbeddingsAreComparedBy(bool normalize, string similarity, int modules)
    {
        SentenceTransformersFiles.Write(_folder, Config with { Normalize = normalize }, PoolingMode.Mean, 64);

        Assert.Equal(similarity, (string?)Json("config_sentence_transformers.json")["similarity_fn_name"]);
        Assert.Equal(modules, Json("modules.json").AsArray().Count);
    }

    [Fact]
    public void OwnConfig_IsThere_OnlyWhereSomethingHasNoOtherPlace()
    {
        SentenceTransformersFiles.Write(_folder, Config, PoolingMode.Mean, 64);
        Assert.False(File.Exists(Path.Combine(_folder, "workflow.json")));

        SentenceTransformersFiles.Write(_folder, Config with { QueryLength = 32, MatryoshkaDimensions = [4, 8] }, PoolingMode.Mean, 64);
        Assert.Equal("""{"query_length":32,"passage_length":64,"matryoshka_dimensions":[4,8]}""", Json("workflow.json").ToJsonString());
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public void TransformerConfig_ReadsBackAsWritten_WithTheKeysOfTransformers(string model)
    {
        var golden = Path.Combine(Fixture.Shared($"golden/{model}"), "config.json");
        var config = TransformerConfig.Read(golden);
        var path = Path.Combine(_folder, "config.json");

        TransformerConfigWriter.Write(config, path, TransformerConfigWriter.Architecture(config));

        Assert.Equal(config, TransformerConfig.Read(path));
        var (expected, written) = (JsonNode.Parse(File.ReadAllText(golden))!.AsObject(), Json("config.json").AsObject());
        Assert.Equal(written.Select(p => p.Key), written.Select(p => p.Key).Order(StringComparer.Ordinal));
        // The ids are the defaults of Transformers' class, the version says nothing of the model.
        foreach (var (key, value) in expected.Where(p => p.Key is not ("transformers_version" or "bos_token_id" or "eos_token_id")))
        {
            Assert.True(JsonNode.DeepEquals(value, written[key]), $"{key}: {written[key]?.ToJsonString() ?? "null"}, expected {value?.ToJsonString() ?? "null"}");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, name)))!;
}
