using DataPrep;
using DataPrep.Readers;
using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;
using Workflow.Stages;
using Workflow.Tests.Nightly;
using Xunit;

namespace Workflow.Tests.Stages;

public sealed class VocabularyStageTests : IDisposable
{
    readonly StageBench bench = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static IEnumerable<string> Texts => Enumerable.Range(0, 40).SelectMany(i => new[] { $"title {i}", $"content {i} of the corpus" });

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Run_WritesWhatTheTrainerWrites_ForWordpieceAsync()
    {
        var options = new VocabularyStageOptions { VocabularySize = 60, MinFrequency = 3, Settings = new WordPieceSettings { SplitIdentifiers = true } };
        var tokenizer = (await bench.RunAsync(new VocabularyStage(), options, await DocumentsAsync()))["tokenizer"];
        var expected = bench.NewFolder();
        WordPieceFiles.Save(WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 60, MinFrequency = 3, Settings = options.Settings }, cancellationToken: Token), expected);
        AssertSame(expected, tokenizer);
        Assert.Equal("60", tokenizer.Manifest.Meta["vocabulary_size"]);
    }

    [Fact]
    public async Task Run_WritesWhatTheTrainerWrites_ForBpeAsync()
    {
        var options = new VocabularyStageOptions { Kind = VocabularyKind.Bpe, VocabularySize = 300, Bpe = new BpeSettings { Words = BpeWords.Llama3, Lowercase = true } };
        var tokenizer = (await bench.RunAsync(new VocabularyStage(), options, await DocumentsAsync()))["tokenizer"];
        var expected = bench.NewFolder();
        BpeFiles.Save(BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 300, Settings = options.Bpe }, cancellationToken: Token), expected);
        AssertSame(expected, tokenizer);
    }

    [Fact]
    public async Task Run_WritesWhatTheTrainerWrites_ForUnigramAsync()
    {
        var options = new VocabularyStageOptions { Kind = VocabularyKind.Unigram, VocabularySize = 50, CharacterCoverage = 0.9 };
        var tokenizer = (await bench.RunAsync(new VocabularyStage(), options, await DocumentsAsync()))["tokenizer"];
        var expected = bench.NewFolder();
        UnigramFiles.Save(UnigramTrainer.Train(Texts, new UnigramTrainerOptions { VocabularySize = 50, CharacterCoverage = 0.9 }, cancellationToken: Token), expected);
        AssertSame(expected, tokenizer);
    }

    [Theory]
    [InlineData(VocabularyKind.Wordpiece, "tokenizer.json")]
    [InlineData(VocabularyKind.Wordpiece, "vocab.txt")]
    [InlineData(VocabularyKind.Bpe, "tokenizer.json")]
    public async Task Run_TakesTheFilesOfAFolderAsTheyAre_WhenItImportsAsync(VocabularyKind kind, string kept)
    {
        var folder = Path.Combine(bench.Files, "imported");
        if (kind == VocabularyKind.Bpe)
        {
            BpeFiles.Save(BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 290 }, cancellationToken: Token), folder);
        }
        else
        {
            WordPieceFiles.Save(WordPieceTrainer.Train(Texts, new WordPieceTrainerOptions { VocabularySize = 55 }, cancellationToken: Token), folder);
        }

        foreach (var name in new[] { "tokenizer.json", "vocab.txt" }.Where(name => name != kept))
        {
            File.Delete(Path.Combine(folder, name));
        }

        var tokenizer = (await bench.RunAsync(new VocabularyStage(), new VocabularyStageOptions { Import = "imported" }))["tokenizer"];
        AssertSame(folder, tokenizer);
        Assert.Equal(kind == VocabularyKind.Bpe ? "290" : "55", tokenizer.Manifest.Meta["vocabulary_size"]);
    }

    [Fact]
    public async Task Run_Refuses_WhatIsNoTokenizerOrLeadsOutAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(bench.Files, "imported")).FullName;
        var import = new VocabularyStageOptions { Import = "imported" };
        Assert.Contains("found nothing", (await Assert.ThrowsAsync<DataPrepException>(() => bench.RunAsync(new VocabularyStage(), import))).Message);

        var outside = Path.Combine(bench.NewFolder(), "secret");
        File.WriteAllText(outside, "{}");
        File.CreateSymbolicLink(Path.Combine(folder, "tokenizer.json"), outside);
        Assert.Contains("outside of the allowed folders", (await Assert.ThrowsAsync<DataPrepException>(() => bench.RunAsync(new VocabularyStage(), import))).Message);

        File.Delete(Path.Combine(folder, "tokenizer.json"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), """{"model":{"type":"WordLevel"}}""");
        Assert.Contains("imported/tokenizer.json: model is of type WordLevel", (await Assert.ThrowsAsync<DataPrepException>(() => bench.RunAsync(new VocabularyStage(), import))).Message);
        Assert.Contains("`import`", (await Assert.ThrowsAsync<WorkflowException>(() => bench.RunAsync(new VocabularyStage(), new VocabularyStageOptions()))).Message);
    }

    async Task<Dictionary<string, InputArtifact>> DocumentsAsync()
    {
        File.WriteAllLines(Path.Combine(bench.Files, "a.jsonl"), Enumerable.Range(0, 40).Select(i => $$"""{"id":"d{{i}}","title":"title {{i}}","content":"content {{i}} of the corpus"}"""));
        var options = new IngestStageOptions { Sources = ["a.jsonl"], Format = "jsonl", Reader = new ReaderOptions() };
        return new Dictionary<string, InputArtifact>(StringComparer.Ordinal) { ["documents"] = (await bench.RunAsync(new IngestStage(), options))["documents"] };
    }

    static void AssertSame(string folder, InputArtifact artifact)
    {
        Assert.Equal(Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), artifact.Manifest.Members.Select(member => member.Name));
        foreach (var (member, path) in artifact.Manifest.Members.Zip(artifact.Paths))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder, member.Name)), File.ReadAllBytes(path));
        }
    }
}
