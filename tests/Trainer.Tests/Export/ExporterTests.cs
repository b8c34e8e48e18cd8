using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Export;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Export;

/// <summary>Exported folders: what python3-torch makes of them by the rules of sentence-transformers, and what is refused.</summary>
[Collection(TorchCollection.Name)]
public sealed class ExporterTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("export-").FullName;

    public ExporterTests() => PythonTorch.RequireTorch();

    string Target => Path.Combine(_root, "exported");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(QuerySide.Shared)]
    [InlineData(QuerySide.Weights)]
    [InlineData(QuerySide.Table)]
    public void Static_EmbedsInPythonAsHere(QuerySide side)
    {
        using var model = StaticModel(side, normalize: true);

        var report = Export(model, "bert-mini");

        Assert.Equal(64, report.Texts);
        Assert.InRange(report.LargestDifference, 0, 1e-6);
        Assert.Equal(side != QuerySide.Shared, report.Files.Contains("router_config.json"));
        CompareWithPython(model, side == QuerySide.Shared ? ("0_StaticEmbedding", "0_StaticEmbedding") : ("query_0_StaticEmbedding", "document_0_StaticEmbedding"));
    }

    [Fact]
    public void Static_SaysThatMeansAreNotSums_WhereItIsNotNormalised()
    {
        using var model = StaticModel(QuerySide.Shared, normalize: false);

        var report = Export(model, "bert-mini");

        Assert.Contains(report.Notes, n => n.Contains("means there and sums here", StringComparison.Ordinal));
        Assert.Contains("means there and sums here", File.ReadAllText(Path.Combine(Target, "README.md")), StringComparison.Ordinal);
        Assert.Single(JsonNode.Parse(File.ReadAllText(Path.Combine(Target, "modules.json")))!.AsArray());
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public void PlainReader_GivesHuggingFacesEmbeddings(string golden)
    {
        var texts = File.ReadLines(Fixture.Shared($"golden/{golden}.inputs.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("text").GetString()!).ToList();
        var expected = File.ReadLines(Fixture.Shared($"golden/{golden}.embeddings.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty(golden == "bert-mini" ? "cls" : "cls_normalized"));

        var found = new PlainReader(Fixture.Shared($"golden/{golden}"), 2).Encode(texts, TextRole.Passage, TestContext.Current.CancellationToken);

        Assert.All(expected.Zip(found), pair => Assert.All(pair.First.EnumerateArray().Zip(pair.Second), v => Assert.Equal(v.First.GetDouble(), v.Second, 1e-5)));
    }

    [Fact]
    public void Export_GivesEqualBytes_Again()
    {
        using var model = StaticModel(QuerySide.Weights, normalize: true);
        Export(model, "bert-mini");
        Exporter.Export(model, Files("bert-mini"), Target + "2", new ExportOptions(), Sources());

        var (first, second) = (FileSet.FromFolder(Target), FileSet.FromFolder(Target + "2"));
        Assert.Equal(first.Paths.Keys.Order(), second.Paths.Keys.Order());
        Assert.All(first.Paths.Keys, name => Assert.Equal(File.ReadAllBytes(first[name]), File.ReadAllBytes(second[name])));
    }

    [Fact]
    public void Export_LeavesNothing_WhereTheFolderEmbedsOtherwise()
    {
        using var model = StaticModel(QuerySide.Shared, normalize: true);
        var files = Files("bert-mini");
        var other = JsonNode.Parse(File.ReadAllText(files["tokenizer.json"]))!;
        other["normalizer"]!["lowercase"] = false;
        File.WriteAllText(Path.Combine(_root, "other.json"), other.ToJsonString());
        files = files with { Paths = new Dictionary<string, string>(files.Paths) { ["tokenizer.json"] = Path.Combine(_root, "other.json") } };

        var error = Assert.Throws<TrainerException>(() => Exporter.Export(model, files, Target, new ExportOptions(), Sources()));

        Assert.Contains("Nothing was published", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_root, "other.json")], Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Export_RefusesAFolderThatIsNotEmpty()
    {
        using var model = StaticModel(QuerySide.Shared, normalize: true);
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "mine.txt"), "kept");

        var error = Assert.Throws<TrainerException>(() => Export(model, "bert-mini"));

        Assert.Contains("not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Target, "mine.txt")));
    }

    [Fact]
    public void Card_SaysWhatItWasMadeFromAndHowItWasMeasured()
    {
        using var model = StaticModel(QuerySide.Shared, normalize: true);
        Exporter.Export(model, Files("bert-mini"), Target, new ExportOptions { Title = "Bird | songs\n# x", BaseModel = "intfloat/e5-base" }, Sources());

        var card = File.ReadAllText(Path.Combine(Target, "README.md"));
        Assert.StartsWith("---\nlibrary_name: sentence-transformers\npipeline_tag: sentence-similarity\ntags:\n", card, StringComparison.Ordinal);
        Assert.Contains("base_model: \"intfloat/e5-base\"\n", card, StringComparison.Ordinal);
        Assert.Contains("\n# Bird ' songs # x\n", card, StringComparison.Ordinal);
        Assert.Contains("prompt_name=\"query\"", card, StringComparison.Ordinal);
        Assert.Contains("| documents | 7 rows | `dddd` |", card, StringComparison.Ordinal);
        Assert.Contains("| model | this model | `mmmm` |", card, StringComparison.Ordinal);
        Assert.Contains("- corpus/a.jsonl\n", card, StringComparison.Ordinal);
        Assert.Contains("20 held-out queries over 7 documents; metrics of profile trec, complete", card, StringComparison.Ordinal);
        Assert.Contains("| model | 0.5000 [0.4000, 0.6000] |", card, StringComparison.Ordinal);
        Assert.Contains("    - type: ndcg_at_10\n      value: 0.5000\n", card, StringComparison.Ordinal);
    }

    static FileSet Files(string golden) => FileSet.FromFolder(Fixture.Shared($"golden/{golden}"));

    static ModelCardSources Sources() => new()
    {
        ModelId = "mmmm",
        Data = [new CardArtifact("documents", "dddd", "7 rows")],
        Files = ["corpus/a.jsonl"],
        Scores = new CardScores("ssss", "trec, complete", 7, 20, [("bm25", [new CardMetric("ndcg@10", 0.25, null, null)]), ("model", [new CardMetric("ndcg@10", 0.5, 0.4, 0.6)])]),
    };

    static EmbeddingModel StaticModel(QuerySide side, bool normalize)
    {
        var tokenizer = ModelFolder.LoadTokenizer(Files("bert-mini"));
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        var encoder = StaticEncoder.From(tokenizer.VocabularySize, 16, side, (name, shape) => (randn(shape) * (shape.Length == 1 ? 0.5 : 1)).data<float>().ToArray());
        return new EmbeddingModel(Config(tokenizer, encoder, normalize) with { QuerySide = side, Pooling = "weighted_mean" }, tokenizer, encoder, "digest");
    }

    static ModelConfig Config(ITokenizer tokenizer, IEncoder encoder, bool normalize) => new()
    {
        ModelType = encoder.Type,
        Dimensions = encoder.Dimensions,
        VocabularySize = tokenizer.VocabularySize,
        Pooling = "mean",
        Normalize = normalize,
        QueryLength = 24,
        PassageLength = 64,
        QueryPrompt = "query: ",
        PassagePrompt = "passage: ",
    };

    ExportReport Export(EmbeddingModel model, string golden) =>
        Exporter.Export(model, Files(golden), Target, new ExportOptions(), Sources(), ["A text of the corpus."], 2, TestContext.Current.CancellationToken);

    void CompareWithPython(EmbeddingModel model, (string Query, string Passage) tokenizers)
    {
        using var python = new PythonTorch();
        var texts = ExportSamples.With([]);
        foreach (var (role, folder, length) in new[] { (TextRole.Query, tokenizers.Query, model.Config.QueryLength), (TextRole.Passage, tokenizers.Passage, model.Config.PassageLength) })
        {
            var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(Path.Combine(Target, folder)));
            var ids = texts.Select(t => tokenizer.Encode(model.Prompted(t, role), length, model.Encoder is not StaticEncoder));
            File.WriteAllText(Path.Combine(python.Folder, $"{role.ToString().ToLowerInvariant()}.json"), JsonSerializer.Serialize(ids));
        }

        python.Run("../Export/exported.py", Target);
        foreach (var role in new[] { TextRole.Query, TextRole.Passage })
        {
            var found = python.Read<float>($"{role.ToString().ToLowerInvariant()}.f32");
            var expected = model.Encode(texts, role, 2, TestContext.Current.CancellationToken);
            Assert.Equal(texts.Count * model.Config.Dimensions, found.Length);
            for (var i = 0; i < found.Length; i++)
            {
                Assert.Equal(expected[i / model.Config.Dimensions][i % model.Config.Dimensions], found[i], 1e-5);
            }
        }
    }
}
