using System.Text.Json;
using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

public sealed class BeirReaderTests : CorpusReaderContract
{
    protected override ICorpusReader Reader { get; } = new BeirReader();

    protected override string Sample => """
        {"_id":"1","title":"Wärme","text":"experimental investigation .","metadata":{"id":"no"}}
        {"_id":"2","title":"","text":""}
        """;

    protected override IReadOnlyList<RawDocument> Expected => [new("1", "Wärme", "experimental investigation ."), new("2", "", "")];

    [Theory]
    [InlineData("cranfield/corpus.jsonl", 1400)]
    [InlineData("acl-abstracts/corpus.jsonl.gz", -1)]
    [InlineData("drcd-zh-tw/corpus.jsonl", 2000)]
    public void Read_GivesARealCollection_AsAnotherParserDoes(string name, int count)
    {
        var path = Path.Combine(SharedFolder.Path("data"), name);
        var rows = Rows(new CorpusFile(path, name));
        if (count >= 0)
        {
            Assert.Equal(count, rows.Count);
        }

        using var stream = new CorpusFile(path, name).Open();
        using var text = new StreamReader(stream);
        var expected = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
            .Select(j => new RawDocument(j.GetProperty("_id").GetString()!, j.TryGetProperty("title", out var t) ? t.GetString()! : "", j.GetProperty("text").GetString()!));
        Assert.Equal(expected, rows.Select(r => r.Document!));
    }
}
