using System.Text.Json.Nodes;
using Trainer.Encoders;
using Trainer.Export;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Export;

/// <summary>Exported static models: what python3-torch makes of them by the rules of sentence-transformers, what their card says, and what is refused.</summary>
[Collection(TorchCollection.Name)]
public sealed class ExporterTests : IDisposable
{
    readonly ExportFolder _folder = new();

    string Target => _folder.Target;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(QuerySide.Shared)]
    [InlineData(QuerySide.Weights)]
    [InlineData(QuerySide.Table)]
    public void Static_EmbedsInPythonAsHere(QuerySide side)
    {
        using var model = ExportFolder.StaticModel(side, normalize: true);

        var report = _folder.Export(model, "bert-mini");

        Assert.Equal(64, report.Texts);
        Assert.InRange(report.LargestDifference, 0, 1e-6);
        Assert.Equal(side != QuerySide.Shared, report.Files.Contains("router_config.json"));
        var shared = side == QuerySide.Shared;
        _folder.CompareWithPython(model, shared ? "0_StaticEmbedding" : "query_0_StaticEmbedding", shared ? "0_StaticEmbedding" : "document_0_StaticEmbedding");
    }

    [Fact]
    public void Static_SaysThatMeansAreNotSums_WhereItIsNotNormalised()
    {
        using var model = ExportFolder.StaticModel(QuerySide.Shared, normalize: false);

        var report = _folder.Export(model, "bert-mini");

        Assert.Contains(report.Notes, n => n.Contains("means there and sums here", StringComparison.Ordinal));
        Assert.Contains("means there and sums here", _folder.Card, StringComparison.Ordinal);
        Assert.Single(JsonNode.Parse(File.ReadAllText(Path.Combine(Target, "modules.json")))!.AsArray());
    }

    [Fact]
    public void Export_GivesEqualBytes_Again()
    {
        using var model = ExportFolder.StaticModel(QuerySide.Weights, normalize: true);
        _folder.Export(model, "bert-mini");
        Exporter.Export(model, ExportFolder.Files("bert-mini"), Target + "2", new ExportOptions(), ExportFolder.Sources());

        var (first, second) = (FileSet.FromFolder(Target), FileSet.FromFolder(Target + "2"));
        Assert.Equal(first.Paths.Keys.Order(), second.Paths.Keys.Order());
        Assert.All(first.Paths.Keys, name => Assert.Equal(File.ReadAllBytes(first[name]), File.ReadAllBytes(second[name])));
    }

    [Fact]
    public void Export_LeavesNothing_WhereTheFolderEmbedsOtherwise()
    {
        using var model = ExportFolder.StaticModel(QuerySide.Shared, normalize: true);
        var files = ExportFolder.Files("bert-mini");
        var other = JsonNode.Parse(File.ReadAllText(files["tokenizer.json"]))!;
        other["normalizer"]!["lowercase"] = false;
        File.WriteAllText(Path.Combine(_folder.Root, "other.json"), other.ToJsonString());
        files = files with { Paths = new Dictionary<string, string>(files.Paths) { ["tokenizer.json"] = Path.Combine(_folder.Root, "other.json") } };

        var error = Assert.Throws<TrainerException>(() => Exporter.Export(model, files, Target, new ExportOptions(), ExportFolder.Sources()));

        Assert.Contains("Nothing was published", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(_folder.Root, "other.json")], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Export_RefusesAFolderThatIsNotEmpty()
    {
        using var model = ExportFolder.StaticModel(QuerySide.Shared, normalize: true);
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "mine.txt"), "kept");

        var error = Assert.Throws<TrainerException>(() => _folder.Export(model, "bert-mini"));

        Assert.Contains("not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Target, "mine.txt")));
    }

    [Fact]
    public void Card_SaysWhatItWasMadeFromAndHowItWasMeasured()
    {
        using var model = ExportFolder.StaticModel(QuerySide.Shared, normalize: true);
        Exporter.Export(model, ExportFolder.Files("bert-mini"), Target, new ExportOptions { Title = "Bird | songs\n# x", BaseModel = "intfloat/e5-base" }, ExportFolder.Sources());

        var card = _folder.Card;
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
}
