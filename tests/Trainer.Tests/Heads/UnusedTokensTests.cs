using Trainer.Encoders;
using Trainer.Heads;

namespace Trainer.Tests.Heads;

public sealed class UnusedTokensTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("unused-tokens-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("bert-mini", "bert", null, new[] { 0, 6, 7 })]
    [InlineData("xlmr-mini", "xlm-roberta", null, new[] { 0, 1, 2, 3 })]
    [InlineData("bert-mini", "bert", """{"eos_token": "[SEP]", "cls_token": {"content": "[MASK]"}, "pad_token": null}""", new[] { 0, 6, 8, 9 })]
    public void Find_ReadsTheTokenizersFiles(string model, string type, string? map, int[] expected) =>
        Assert.Equal(expected, UnusedTokens.Find(Files(model, map), ModelFolder.LoadTokenizer(Files(model, map)), type));

    [Theory]
    [InlineData("""{"eos_token": "</none>"}""", "'</none>', which its tokenizer does not have")]
    [InlineData("""{"eos_token": 3}""", "says no special tokens")]
    [InlineData("""{"eos_token": {"text": "x"}}""", "says no special tokens")]
    [InlineData("""[]""", "says no special tokens")]
    [InlineData("""{""", "says no special tokens")]
    public void Find_SaysWhatIsWrong(string map, string expected)
    {
        var files = Files("bert-mini", map);

        Assert.Contains(expected, Assert.Throws<TrainerException>(() => UnusedTokens.Find(files, ModelFolder.LoadTokenizer(Files("bert-mini", null)), "bert")).Message, StringComparison.Ordinal);
    }

    FileSet Files(string model, string? map)
    {
        var paths = new Dictionary<string, string>(FileSet.FromFolder(Fixture.Shared($"golden/{model}")).Paths);
        if (map is not null)
        {
            paths["special_tokens_map.json"] = Path.Combine(_folder, "map.json");
            File.WriteAllText(paths["special_tokens_map.json"], map);
        }

        return new FileSet(model, paths);
    }
}
