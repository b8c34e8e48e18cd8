using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Heads;
using Trainer.Tests.Torch;
using Trainer.Training;

namespace Trainer.Tests.Encoders.Pretrained;

/// <summary>Folders as Hugging Face and sentence-transformers make them, used as their own files say.</summary>
[Collection(TorchCollection.Name)]
public sealed class PretrainedFolderTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("pretrained-").FullName;

    public PretrainedFolderTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("bert-mini", "cls")]
    [InlineData("xlmr-mini", "cls_normalized")]
    public void Encode_GivesHuggingFacesEmbeddings_FromTextToVector(string name, string expected)
    {
        var folder = Fixture.Shared($"golden/{name}");
        var texts = File.ReadLines(Fixture.Shared($"golden/{name}.inputs.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!).ToList();
        using var model = ModelFolder.Load(FileSet.FromFolder(folder));

        var found = model.Encode(texts, TextRole.Passage, 2, cancellationToken: TestContext.Current.CancellationToken);

        var golden = BertGolden.Embeddings(name, expected);
        Assert.Equal(golden.Count, found.Length);
        Assert.InRange(found.Zip(golden, (f, g) => BertGolden.Distance(f, g)).Max(), 0, 1e-5);
    }

    [Theory]
    [InlineData("bert-mini", PoolingMode.Cls, false)]
    [InlineData("xlmr-mini", PoolingMode.Cls, true)]
    public void Read_TakesPoolingNormalisationAndLengthFromTheFolder(string name, PoolingMode pooling, bool normalize)
    {
        var settings = ModelSettings.Read(FileSet.FromFolder(Fixture.Shared($"golden/{name}")));

        Assert.Equal(new Said<PoolingMode>(pooling, "1_Pooling/config.json"), settings.Pooling);
        Assert.Equal(new Said<bool>(normalize, "modules.json"), settings.Normalize);
        Assert.Equal(new Said<int>(64, "sentence_bert_config.json"), settings.MaxLength);
        Assert.Equal(ModelPrompts.None, settings.Prompts.Value);
    }

    [Theory]
    [InlineData("e5-base-unsupervised", PoolingMode.Mean, "query: ", "passage: ", false)]
    [InlineData("multilingual-e5-large", PoolingMode.Mean, "query: ", "passage: ", true)]
    [InlineData("simlm-base-msmarco", PoolingMode.Cls, "", "", false)]
    [InlineData("simlm-base-msmarco-finetuned", PoolingMode.Cls, "", "", true)]
    [InlineData("bge-m3", PoolingMode.Cls, "", "", true)]
    [InlineData("bge-base-en-v1.5", PoolingMode.Cls, "Represent this sentence for searching relevant passages: ", "", true)]
    [InlineData("gte-base", PoolingMode.Mean, "", "", true)]
    public void Read_FallsBackOnTheFamily_WhereTheFolderIsSilent(string name, PoolingMode pooling, string query, string passage, bool finished)
    {
        var folder = Folder(name, config => config["_name_or_path"] = "someone/" + name);

        var settings = ModelSettings.Read(FileSet.FromFolder(folder));

        Assert.Equal(pooling, settings.Pooling!.Value.Value);
        Assert.StartsWith("the family ", settings.Pooling.Value.Source, StringComparison.Ordinal);
        Assert.Equal(new ModelPrompts(query, passage), settings.Prompts.Value);
        Assert.Equal(finished, settings.IsFinished);
    }

    [Theory]
    [InlineData("e5-base-v2", 2e-5, true)]
    [InlineData("e5-base-v2", 5e-6, false)]
    [InlineData("e5-base-unsupervised", 2e-5, false)]
    public void AFinishedModel_IsAdvisedALowerRate(string name, double rate, bool advised)
    {
        var files = FileSet.FromFolder(Folder(name, _ => { }));

        var start = StartingModel.Decide(files, 11, new TrainOptions { LearningRate = rate });

        Assert.Empty(start.Contradictions);
        Assert.Equal(advised, start.Advice.Any(a => a.Contains("finished model (E5)", StringComparison.Ordinal) && a.Contains("workflow sweep", StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_GoBeforeTheFamily()
    {
        var folder = Folder("e5-small-v2", _ => { });
        Write(folder, "1_Pooling/config.json", """{"word_embedding_dimension": 8, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""");
        Write(folder, "modules.json", """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        Write(folder, "config_sentence_transformers.json", """{"prompts": {"query": "ask: ", "document": "text: "}}""");

        var config = ModelSettings.Read(FileSet.FromFolder(folder)).ToConfig();

        Assert.Equal(("cls", false, "ask: ", "text: "), (config.Pooling, config.Normalize, config.QueryPrompt, config.PassagePrompt));
    }

    [Fact]
    public void AModelThatSaysNothing_IsRefusedUntilTheCallerSaysHowItPools()
    {
        var settings = ModelSettings.Read(FileSet.FromFolder(Folder("plain", _ => { })));

        var error = Assert.Throws<TrainerException>(() => settings.ToConfig());

        Assert.Contains("does not say how its token vectors become one", error.Message, StringComparison.Ordinal);
        Assert.Equal("mean", settings.ToConfig(PoolingMode.Mean).Pooling);
    }

    [Theory]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}""", "side by side")]
    [InlineData("""{"pooling_mode": "gravity"}""", "gravity")]
    [InlineData("""{"word_embedding_dimension": 9}""", "word_embedding_dimension 9")]
    [InlineData("""{"pooling_mode_cls_token": 1}""", "expected true or false")]
    [InlineData("[1]", "expected an object")]
    [InlineData("{", "not a model's folder")]
    public void APoolingFileThatCannotBeFollowed_IsToldByName(string text, string expected)
    {
        var folder = Folder("plain", _ => { });
        Write(folder, "1_Pooling/config.json", text);

        var error = Assert.Throws<TrainerException>(() => ModelSettings.Read(FileSet.FromFolder(folder)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllFlagsOff_IsTheMean_AsInSentenceTransformers()
    {
        var folder = Folder("plain", _ => { });
        Write(folder, "1_Pooling/config.json", """{"pooling_mode_cls_token": false}""");
        Assert.Equal(PoolingMode.Mean, ModelSettings.Read(FileSet.FromFolder(folder)).Pooling!.Value.Value);
    }

    [Fact]
    public void ACrossEncodersModules_AreNotTakenForAnEmbeddingModel()
    {
        var folder = Folder("plain", _ => { });
        Write(folder, "modules.json", """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}]""");
        Assert.Contains("no Pooling module", Assert.Throws<TrainerException>(() => ModelSettings.Read(FileSet.FromFolder(folder))).Message, StringComparison.Ordinal);
    }

    string Folder(string name, Action<JsonObject> change)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        var config = new JsonObject
        {
            ["model_type"] = "bert",
            ["vocab_size"] = 11,
            ["hidden_size"] = 8,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 2,
            ["intermediate_size"] = 12,
            ["max_position_embeddings"] = 6,
        };
        change(config);
        Write(folder, "config.json", config.ToJsonString());
        return folder;
    }

    static void Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
