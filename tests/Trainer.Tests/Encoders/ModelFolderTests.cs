using System.Text.Json;
using DataPrep.Text.WordPiece;
using TorchSharp;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Encoders;

[Collection(TorchCollection.Name)]
public sealed class ModelFolderTests : IDisposable
{
    static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "apple", "pear", "##s"];

    readonly string _root = Directory.CreateTempSubdirectory("model-").FullName;

    public ModelFolderTests()
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        WordPieceFiles.Save(new WordPieceTokenizer(WordPieceModel.Bert(Pieces, new WordPieceSettings())), Path.Combine(_root, "tokenizer"));
        using var encoder = StaticEncoder.Create(Pieces.Length, new StaticEncoderOptions { Dimensions = 6, QuerySide = QuerySide.Table }, 3, Pieces);
        ModelFolder.Save(Model, Config(encoder), ModelFolder.Weights(encoder), FileSet.FromFolder(Path.Combine(_root, "tokenizer")));
    }

    string Model => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Load_ComputesWeightedSums_OfTheSavedTable()
    {
        using var model = ModelFolder.Load(FileSet.FromFolder(Model));
        using var weights = new SafetensorsReader(Path.Combine(Model, ModelFolder.WeightsFile));
        var table = weights.Floats(StaticEncoder.Table, Pieces.Length, 6);
        var vectors = model.Encode(["red apples", "", "red apples green pear"], TextRole.Passage);

        // "red apples" is red, apple, ##s: the sum of three rows, scaled to length one.
        var expected = Enumerable.Range(0, 6).Select(d => new[] { 5, 7, 9 }.Sum(id => (double)table[(id * 6) + d])).ToArray();
        var length = Math.Sqrt(expected.Sum(v => v * v));
        for (var d = 0; d < 6; d++)
        {
            Assert.Equal(expected[d] / length, vectors[0][d], 1e-6);
        }

        Assert.All(vectors[1], v => Assert.Equal(0, v));
        Assert.Equal(vectors[0], model.Encode(["red apples"], TextRole.Query)[0]);
    }

    [Fact]
    public void Save_GivesTheSameBytesAndDigest_Again()
    {
        using var model = ModelFolder.Load(FileSet.FromFolder(Model));
        var again = Path.Combine(_root, "again");
        ModelFolder.Save(again, model.Config, ModelFolder.Weights(model.Encoder), FileSet.FromFolder(Model));
        foreach (var file in Directory.GetFiles(Model))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(again, Path.GetFileName(file))));
        }

        Assert.Equal(model.Digest, ModelFolder.Digest(FileSet.FromFolder(again)));
        File.AppendAllText(Path.Combine(again, ModelFolder.ConfigFile), " ");
        Assert.NotEqual(model.Digest, ModelFolder.Digest(FileSet.FromFolder(again)));
    }

    [Theory]
    [InlineData("dimensions", 7, "expected F32 (10, 7)")]
    [InlineData("vocabulary_size", 9, "the tokenizer has 10 entries")]
    [InlineData("dimensions", -1, "not a model's configuration")]
    [InlineData("model_type", "gpt2", "expected static, bert, xlm-roberta or modernbert")]
    [InlineData("heads", 4, "not a model's configuration")]
    [InlineData("normalize", null, "not a model's configuration")]
    public void Load_SaysWhatDoesNotFit(string key, object? value, string expected)
    {
        var path = Path.Combine(Model, ModelFolder.ConfigFile);
        var config = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.ReadAllText(path))!;
        config[key] = JsonSerializer.SerializeToElement(value);
        File.WriteAllText(path, JsonSerializer.Serialize(config));
        Assert.Contains(expected, Assert.Throws<TrainerException>(() => ModelFolder.Load(FileSet.FromFolder(Model))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CorpusEncoder_StreamsInOrder_AndTakesKnownVectors()
    {
        using var model = ModelFolder.Load(FileSet.FromFolder(Model));
        var texts = Enumerable.Range(0, 25).Select(i => ($"id{i}", string.Join(' ', Pieces[5..].Take(1 + (i % 4))))).ToList();
        var whole = CorpusEncoder.Run(model, texts, TextRole.Passage, 2).ToList();
        Assert.Equal(texts.Select(t => t.Item1), whole.Select(e => e.Id));
        var direct = model.Encode(texts.Select(t => t.Item2).ToList(), TextRole.Passage);
        Assert.Equal(direct, whole.Select(e => e.Vector));
        Assert.Equal(direct, CorpusEncoder.Run(model, texts, TextRole.Passage, 1, batchSize: 4).Select(e => e.Vector));

        float[] marked = [9, 9, 9, 9, 9, 9];
        var hash = CorpusEncoder.TextHash(texts[1].Item2);
        var reused = CorpusEncoder.Run(model, texts, TextRole.Passage, 1, known: h => h == hash ? marked : null).ToList();
        Assert.Equal(texts.Select((t, i) => i % 4 == 1), reused.Select(e => e.Vector == marked));
        Assert.Equal(hash, reused[5].TextHash);
    }

    static ModelConfig Config(StaticEncoder encoder) => new()
    {
        ModelType = encoder.Type,
        Dimensions = encoder.Dimensions,
        VocabularySize = encoder.VocabularySize,
        Pooling = "weighted_mean",
        Normalize = true,
        QuerySide = QuerySide.Table,
        QueryLength = 8,
        PassageLength = 16,
    };
}
