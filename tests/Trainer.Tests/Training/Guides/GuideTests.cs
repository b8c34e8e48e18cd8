using DataPrep;
using DataPrep.Text.WordPiece;
using Trainer.Encoders;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Guides;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Guides;

/// <summary>Guides of another tokenizer than the student's, in memory and precomputed.</summary>
[Collection(TorchCollection.Name)]
public sealed class GuideTests : IDisposable
{
    const int Vocabulary = 400;

    readonly string _root = Directory.CreateTempSubdirectory("guide-").FullName;

    readonly TrainingSet _set = Set(keepTexts: true);

    public GuideTests()
    {
        PythonTorch.RequireTorch();
        // The guide cuts numbers into digits, which the student's tokenizer has whole.
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, 10).SelectMany(d => new[] { $"{d}", $"##{d}" })];
        WordPieceFiles.Save(new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings())), Path.Combine(_root, "tokenizer"));
        using var encoder = StaticEncoder.Create(pieces.Length, new StaticEncoderOptions { Dimensions = 6, QuerySide = QuerySide.Table }, 3);
        var config = new ModelConfig
        {
            ModelType = StaticEncoder.TypeName,
            Dimensions = 6,
            VocabularySize = pieces.Length,
            Pooling = "weighted_mean",
            Normalize = true,
            QuerySide = QuerySide.Table,
            QueryLength = 8,
            PassageLength = 30,
            PassagePrompt = "7 ",
        };
        ModelFolder.Save(Path.Combine(_root, "model"), config, ModelFolder.Weights(encoder), FileSet.FromFolder(Path.Combine(_root, "tokenizer")));
    }

    FileSet Model => FileSet.FromFolder(Path.Combine(_root, "model"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void ModelGuide_ReadsTheSourceTexts_InItsOwnWay()
    {
        using var scope = NewDisposeScope();
        using var guide = ModelGuide.Load(Model, _set, new GuideOptions(), student: null, CPU, 1, TestContext.Current.CancellationToken);
        using var model = ModelFolder.Load(Model);
        int[] texts = [5, 0, 17];
        foreach (var (role, all) in new[] { (TextRole.Query, _set.QueryTexts!), (TextRole.Passage, _set.PassageTexts!) })
        {
            var expected = model.Encode([.. texts.Select(t => all[t])], role, cancellationToken: TestContext.Current.CancellationToken);
            var found = guide.Embed(role, texts);
            Assert.False(found.requires_grad);
            Assert.Equal(expected.SelectMany(v => v), found.data<float>().ToArray());
        }

        Assert.Equal((6, ModelFolder.Digest(Model)), (guide.Dimensions, guide.Digest));
    }

    [Fact]
    public void PrecomputedGuide_FindsEmbeddingsByTheirTexts()
    {
        using var scope = NewDisposeScope();
        using var guide = PrecomputedGuide.From(Rows(_set.QueryTexts!, 100).Reverse(), Rows(_set.PassageTexts!, 200).Append(new Embedding("other", "nobody", [9, 9])), "d1", _set, new GuideOptions(), "d2", CPU);
        Assert.Equal([105f, 5, 103, 3], guide.Embed(TextRole.Query, [5, 3]).data<float>().ToArray());
        Assert.Equal([200f, 0], guide.Embed(TextRole.Passage, [0]).data<float>().ToArray());

        var missing = Assert.Throws<TrainerException>(() => PrecomputedGuide.From(Rows(_set.QueryTexts!, 0).Skip(3), Rows(_set.PassageTexts!, 0), "d1", _set, new GuideOptions(), null, CPU));
        Assert.Contains($"3 of {_set.QueryTexts!.Count} query texts have no embedding by the guide, the first of them '{_set.QueryTexts[0]}'", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheStudent_IsNoGuide_UnlessTheJobSaysSo()
    {
        var digest = ModelFolder.Digest(Model);
        var refused = Assert.Throws<TrainerException>(() => ModelGuide.Load(Model, _set, new GuideOptions(), digest, CPU, 1, TestContext.Current.CancellationToken));
        Assert.Contains("self_guide: true", refused.Message, StringComparison.Ordinal);
        Assert.Throws<TrainerException>(() => PrecomputedGuide.From([], [], digest, _set, new GuideOptions(), digest, CPU));
        using var allowed = ModelGuide.Load(Model, _set, new GuideOptions { SelfGuide = true }, digest, CPU, 1, TestContext.Current.CancellationToken);
        Assert.Equal(digest, allowed.Digest);
    }

    [Fact]
    public void ASetWithoutTexts_IsRefused_RatherThanItsIdsDecoded()
    {
        var error = Assert.Throws<TrainerException>(() => ModelGuide.Load(Model, Set(keepTexts: false), new GuideOptions(), null, CPU, 1, TestContext.Current.CancellationToken));
        Assert.Contains("not decoded for another", error.Message, StringComparison.Ordinal);
    }

    static TrainingSet Set(bool keepTexts) => TrainingSet.Build(
        [SyntheticRows.Shard(40, Vocabulary)], new SyntheticRows.NumberTokenizer(Vocabulary), 16, 64, 1, keepTexts: keepTexts, cancellationToken: TestContext.Current.CancellationToken);

    static IEnumerable<Embedding> Rows(IReadOnlyList<string> texts, float first) => texts.Select((t, i) => new Embedding($"t{i}", CorpusEncoder.TextHash(t), [first + i, i]));
}
