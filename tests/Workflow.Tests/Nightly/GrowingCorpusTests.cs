using DataPrep.Tables;
using DataPrep.Text.WordPiece;
using Trainer;
using Trainer.Encoders;
using TorchSharp;
using Workflow.Artifacts;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>A corpus that files are added to: old partitions stay as they were, old texts are not encoded again, and nothing of it shows in the bytes.</summary>
public sealed class GrowingCorpusTests : IDisposable
{
    readonly StageBench bench = new();

    public void Dispose() => bench.Dispose();

    static IngestStageOptions Options(IngestPartition partition = IngestPartition.File) => new() { Sources = ["base", "."], Format = "jsonl", Partition = partition, PartitionMib = 0.001 };

    [Fact]
    public void Partitions_OfOldFilesStay_WhenAFileComesBetween()
    {
        Write("base/m.jsonl", 0, 3);
        Write("b.jsonl", 10, 3);
        Write("d.jsonl", 20, 3);
        var stage = new IngestStage();
        var before = Plan(stage);
        Write("a.jsonl", 30, 3);
        Write("c.jsonl", 40, 3);
        var after = Plan(stage);
        Assert.Equal(5, after.Count);
        Assert.All(before, p => Assert.Equal((p.Value.Semantic, p.Value.Files[0]), (after[p.Key].Semantic, after[p.Key].Files[0])));
        Assert.Equal(["a.jsonl", "c.jsonl"], after.Keys.Except(before.Keys).Select(k => after[k].Files[0].Name).Order(StringComparer.Ordinal));
        Assert.All(after.Keys, key => Assert.Matches("^[A-Za-z0-9._-]+$", key));
    }

    [Fact]
    public async Task Corpus_IsTheSame_HoweverItsFilesAreCut_AndCountsWhatIsNew()
    {
        Write("base/m.jsonl", 0, 30);
        Write("b.jsonl", 100, 30);
        var first = await bench.RunAsync(new IngestStage(), Options());
        Write("a.jsonl", 200, 12, i => i < 2 ? $"content {i} of the corpus" : $"content {200 + i}");
        var whole = await bench.RunAsync(new IngestStage(), Options(IngestPartition.Size));
        var second = await bench.RunAsync(new IngestStage(), Options(), previous: first);
        Assert.Equal(whole.Select(s => s.Value.Id), second.Select(s => s.Value.Id));
        Assert.Equal((72, 12), second.Count == 3 ? bench.Report.Reused["documents new or changed"] : default);
        Assert.Equal("since run before: 72 documents: 12 new, 0 changed, 0 gone; 2 of the new and changed have the content of an older one", bench.Logs.Single());
        var documents = RowTables.Documents.Read(Composition.Tables(), second["documents"].Paths, TestContext.Current.CancellationToken).Select(d => d.Source).Distinct();
        Assert.Equal(["base/m.jsonl", "a.jsonl", "b.jsonl"], documents);
    }

    [Fact]
    public async Task Encode_TakesOldTextsOver_AndPublishesTheSameBytes()
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        Write("base/m.jsonl", 0, 40);
        var stage = new EncodeStage();
        var options = new EncodeOptions { BatchSize = 7 };
        var model = Model(seed: 3);
        var first = await bench.RunAsync(stage, options, await InputsAsync(model));
        Assert.Equal((40, 40), bench.Report.Reused["documents encoded anew"]);

        Write("a.jsonl", 500, 9);
        Write("base/m.jsonl", 0, 40, i => i == 5 ? "another content" : $"content {i} of the corpus");
        var inputs = await InputsAsync(model);
        var anew = await bench.RunAsync(stage, options, inputs);
        var taken = await bench.RunAsync(stage, options, inputs, previous: first);
        Assert.Equal((49, 10), bench.Report.Reused["documents encoded anew"]);
        Assert.Equal((49, 10), bench.Report.Reused["queries encoded anew"]);
        Assert.Equal(anew["embeddings"].Id, taken["embeddings"].Id);

        // Another model's vectors are of no use.
        inputs = await InputsAsync(Model(seed: 4));
        anew = await bench.RunAsync(stage, options, inputs);
        taken = await bench.RunAsync(stage, options, inputs, previous: first);
        Assert.Equal((49, 49), bench.Report.Reused["documents encoded anew"]);
        Assert.Equal(anew["embeddings"].Id, taken["embeddings"].Id);
    }

    async Task<Dictionary<string, InputArtifact>> InputsAsync(InputArtifact model)
    {
        var corpus = await bench.RunAsync(new IngestStage(), Options());
        var documents = RowTables.Documents.Read(Composition.Tables(), corpus["documents"].Paths, TestContext.Current.CancellationToken);
        var pairs = documents.Select(d => new DataPrep.Pair("title:" + d.DocId, $"{d.Title} {d.Content}", d.DocId, null, "title", "train")).ToList();
        var file = Path.Combine(bench.NewFolder(), "part-00000.parquet");
        RowTables.Pairs.Write(Composition.Tables(), file, pairs, TestContext.Current.CancellationToken);
        return new Dictionary<string, InputArtifact>(StringComparer.Ordinal)
        {
            ["model"] = model,
            ["documents"] = corpus["documents"],
            ["pairs"] = new("pairs", new Manifest { Kind = "pairs", Members = [new("part-00000.parquet", "", 0, pairs.Count, "")] }, [file]),
        };
    }

    InputArtifact Model(long seed)
    {
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "content of the corpus title another 0 1 2 3 4 5 6 7 8 9 ##0 ##1 ##2 ##3 ##4 ##5 ##6 ##7 ##8 ##9".Split(' ')];
        var folder = Path.Combine(bench.NewFolder(), "model");
        var tokenizer = folder + "-tokenizer";
        WordPieceFiles.Save(new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings())), tokenizer);
        using var encoder = StaticEncoder.Create(pieces.Length, new StaticEncoderOptions { Dimensions = 24 }, seed, pieces);
        var config = new ModelConfig { ModelType = encoder.Type, Dimensions = 24, VocabularySize = pieces.Length, Pooling = "weighted_mean", Normalize = true, QueryLength = 32, PassageLength = 32 };
        ModelFolder.Save(folder, config, ModelFolder.Weights(encoder), FileSet.FromFolder(tokenizer));
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        return new InputArtifact("model0000000000", new Manifest { Kind = "model", Members = [.. files.Select(f => new ManifestMember(Path.GetFileName(f), "", 0, null, ""))] }, files);
    }

    Dictionary<string, StagePartition> Plan(IngestStage stage) =>
        stage.Partition(Options(), new PlanContext(bench.Files, 17, path => ArtifactStore.HashFile(path).Hash)).ToDictionary(p => p.Key, StringComparer.Ordinal);

    void Write(string name, int first, int count, Func<int, string>? content = null)
    {
        var path = Path.Combine(bench.Files, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => $$"""{"id":"d{{first + i}}","title":"title {{first + i}}","content":"{{content?.Invoke(i) ?? $"content {first + i} of the corpus"}}"}"""));
    }
}
