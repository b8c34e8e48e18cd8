using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Heads;
using Trainer.Tests.Encoders;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Export;

/// <summary>Exported transformers: what python3-torch makes of them by the rules of sentence-transformers and Transformers, and what our own loader does.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerExportTests : IDisposable
{
    readonly ExportFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-mini", PoolingMode.Cls, false)]
    [InlineData("bert-mini", PoolingMode.Max, true)]
    [InlineData("bert-mini", PoolingMode.WeightedMean, false)]
    [InlineData("bert-mini", PoolingMode.LastToken, true)]
    [InlineData("xlmr-mini", PoolingMode.Mean, true)]
    [InlineData("xlmr-mini", PoolingMode.MeanSqrtLength, false)]
    public void Transformer_EmbedsInPythonAsHere(string golden, PoolingMode pooling, bool normalize)
    {
        using var model = ExportFolder.Transformer(golden, pooling, normalize);

        var report = _folder.Export(model, golden);

        Assert.Equal(64, report.Texts);
        Assert.InRange(report.LargestDifference, 0, 1e-5);
        Assert.Contains("tokenizer.json", report.Files);
        using (var again = ModelFolder.Load(FileSet.FromFolder(_folder.Target)))
        {
            Assert.Equal(model.Config with { MatryoshkaDimensions = again.Config.MatryoshkaDimensions }, again.Config);
        }

        _folder.CompareWithPython(model);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ModernBert_EmbedsInPythonAndInPlainCSharpAsHere(bool biased)
    {
        using var model = ExportFolder.Modern("bert-mini", biased ? ModernBert.Biased : ModernBert.Config);
        var files = ExportFolder.Files("bert-mini");
        files = files with { Paths = files.Paths.Where(p => p.Key != "tokenizer_config.json").ToDictionary(p => p.Key, p => p.Value) };

        var report = Exporter.Export(model, files, _folder.Target, new ExportOptions(), ExportFolder.Sources(), ["A text of the corpus."], 2, TestContext.Current.CancellationToken);

        Assert.Equal(64, report.Texts);
        Assert.InRange(report.LargestDifference, 0, 1e-5);
        _folder.CompareWithPython(model);
        using var tokenizer = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Target, "tokenizer_config.json")));
        Assert.Equal("PreTrainedTokenizerFast", tokenizer.RootElement.GetProperty("tokenizer_class").GetString());
        Assert.Equal(["input_ids", "attention_mask"], tokenizer.RootElement.GetProperty("model_input_names").EnumerateArray().Select(n => n.GetString()));
        using var again = ModelFolder.Load(FileSet.FromFolder(_folder.Target));
        var shape = ((PooledTransformer)again.Encoder).Transformer.Config;
        Assert.Equal(((PooledTransformer)model.Encoder).Transformer.Config, shape);
        Assert.Equal(model.Encode(["a b c"], TextRole.Query, 1), again.Encode(["a b c"], TextRole.Query, 1));
    }

    [Fact]
    public void Projection_IsADenseModule_OfOldAndNewVersions()
    {
        using var plain = ExportFolder.Transformer("bert-mini", PoolingMode.Mean, normalize: true);
        var pooled = (PooledTransformer)plain.Encoder;
        using var projection = Projection.Create(64, 24, 5);
        var model = new EmbeddingModel(plain.Config with { Dimensions = 24 }, plain.Tokenizer, new PooledTransformer(pooled.Transformer, PoolingMode.Mean, projection), "digest");

        var report = _folder.Export(model, "bert-mini");

        Assert.Equal(24, report.Dimensions);
        Assert.InRange(report.LargestDifference, 0, 1e-5);
        _folder.CompareWithPython(model);
        using var again = ModelFolder.Load(FileSet.FromFolder(_folder.Target));
        Assert.Equal(24, again.Config.Dimensions);
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
    public void Heads_LieBesideTheModel_AndAreMissedWhereAskedFor()
    {
        using var model = ExportFolder.Transformer("xlmr-mini", PoolingMode.Cls, normalize: true);
        var files = ExportFolder.Files("xlmr-mini");
        Assert.Contains("neither a sparse nor a multi-vector head", Assert.Throws<TrainerException>(() => Exporter.Export(model, files, _folder.Target, new ExportOptions { Heads = true }, ExportFolder.Sources())).Message, StringComparison.Ordinal);

        File.WriteAllBytes(Path.Combine(_folder.Root, "head"), [1, 2, 3]);
        files = files with { Paths = new Dictionary<string, string>(files.Paths) { ["sparse_linear.pt"] = Path.Combine(_folder.Root, "head") } };
        var report = Exporter.Export(model, files, _folder.Target, new ExportOptions { Heads = true }, ExportFolder.Sources());

        Assert.Contains("sparse_linear.pt", report.Files);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(_folder.Target, "sparse_linear.pt")));
        Assert.Contains("| heads beside | sparse_linear.pt |", _folder.Card, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_AreWrittenAsFlagEmbeddingReadsThem_WhereTheyAreSafetensors()
    {
        using var model = ExportFolder.Transformer("xlmr-mini", PoolingMode.Cls, normalize: true);
        var source = Directory.CreateDirectory(Path.Combine(_folder.Root, "heads")).FullName;
        using var heads = new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = true, Sparse = SparseHead.Create(64, [], 1), MultiVector = MultiVectorHead.Create(64, null, 2) };
        HeadFiles.Write(source, heads);
        var files = ExportFolder.Files("xlmr-mini");
        files = files with { Paths = files.Paths.Concat(FileSet.FromFolder(source).Paths).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal) };

        Exporter.Export(model, files, _folder.Target, new ExportOptions(), ExportFolder.Sources());

        var exported = FileSet.FromFolder(_folder.Target).Paths;
        var pickled = new FileSet("pickled", exported.Where(p => p.Key.EndsWith(".pt", StringComparison.Ordinal)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
        Assert.Equal(["colbert_linear.pt", "sparse_linear.pt"], pickled.Paths.Keys.Order(StringComparer.Ordinal));
        using var again = HeadFiles.Load(pickled, 64, PoolingMode.Cls, normalize: true, []);
        Assert.All(heads.Parameters.Zip(again.Parameters), pair => Assert.Equal(pair.First.Value.data<float>().ToArray(), pair.Second.Value.data<float>().ToArray()));
    }

    [Fact]
    public void Export_MakesOneFileOf32BitFloats_OfShardsWithPrefixesAndForeignTensors()
    {
        using var source = new BertFolder(BertFolder.Config with { VocabularySize = 3000, MaxPositions = 64 });
        var before = source.Tensors.ToDictionary(t => t.Name, t => t.Data.ToArray());
        source.Rename(name => "bert." + name);
        source.Tensors.Add(SafetensorsTensor.Floats("cls.predictions.bias", [2], [1, 2]));
        source.WriteConfig();
        source.WriteShards(3);
        File.Copy(Fixture.Shared("golden/bert-mini/vocab.txt"), Path.Combine(source.Path, "vocab.txt"));
        SentenceTransformersFiles.Write(source.Path, ModelSettingsOf(source), PoolingMode.Mean, 64);
        using var model = ModelFolder.Load(FileSet.FromFolder(source.Path));

        var report = Exporter.Export(model, FileSet.FromFolder(source.Path), _folder.Target, new ExportOptions(), new ModelCardSources());

        Assert.DoesNotContain(report.Files, f => f.Contains("index", StringComparison.Ordinal) || f.Contains("-of-", StringComparison.Ordinal));
        Assert.Contains("tokenizer_config.json", report.Files);
        using var weights = new SafetensorsReader(Path.Combine(_folder.Target, "model.safetensors"));
        Assert.Equal(before.Keys.Order(), weights.Entries.Select(e => e.Name).Order());
        Assert.All(weights.Entries, e =>
        {
            var data = new byte[e.Bytes];
            weights.Read(e, data);
            Assert.Equal(before[e.Name], data);
        });
    }

    static ModelConfig ModelSettingsOf(BertFolder folder) => new()
    {
        ModelType = TransformerConfig.Bert,
        Dimensions = (int)folder.Keys["hidden_size"]!,
        VocabularySize = 3000,
        Pooling = "mean",
        Normalize = true,
        QueryLength = 64,
        PassageLength = 64,
    };
}
