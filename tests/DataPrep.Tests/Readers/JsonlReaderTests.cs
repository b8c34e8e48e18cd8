using System.Text;
using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

public class JsonlReaderTests : CorpusReaderContract
{
    protected override ICorpusReader Reader { get; } = new JsonlReader();

    protected override string Sample => """
        {"id":"a","title":"Größe","content":"One\ttwo \u00e9 \ud834\udd1e","other":{"title":[1,2,"x"]}}
        {"content":"漢字 only","id":"b"}

        {"title":"title only","id":7,"content":null}
        """;

    protected override IReadOnlyList<RawDocument> Expected => [new("a", "Größe", "One\ttwo é 𝄞"), new("b", "", "漢字 only"), new("7", "title only", "")];

    [Fact]
    public void Read_TakesConfiguredFields()
    {
        var options = new ReaderOptions { IdField = "key", TitleField = "name", ContentField = "body", LangField = "lang", GroupField = "part", Lang = "de" };
        var rows = Rows("""
            {"key":"1","name":"n","body":"b","lang":"fr","part":3}
            {"key":"2","name":"n","body":"b"}
            """, options);
        Assert.Equal([new RawDocument("1", "n", "b", "fr", "3"), new RawDocument("2", "n", "b", "de")], rows.Select(r => r.Document!));
    }

    [Theory]
    [InlineData("not json", RejectReason.InvalidJson)]
    [InlineData("{\"id\":\"x\"", RejectReason.InvalidJson)]
    [InlineData("{\"id\":\"x\"} {}", RejectReason.InvalidJson)]
    [InlineData("[1]", RejectReason.InvalidJson)]
    [InlineData("{\"title\":\"x\"}", RejectReason.MissingId)]
    [InlineData("{\"id\":\" \"}", RejectReason.MissingId)]
    [InlineData("{\"id\":null}", RejectReason.MissingId)]
    [InlineData("{\"id\":1.5}", RejectReason.WrongType)]
    [InlineData("{\"id\":\"x\",\"content\":[\"a\"]}", RejectReason.WrongType)]
    [InlineData("{\"id\":\"x\",\"title\":{}}", RejectReason.WrongType)]
    [InlineData("{\"id\":\"x\",\"title\":\"\\ud800\"}", RejectReason.InvalidText)]
    public void Read_RejectsTheRowWithItsReason_AndGoesOn(string line, string reason)
    {
        var rows = Rows("{\"id\":\"before\"}\n" + line + "\n{\"id\":\"after\"}");
        Assert.Equal(3, rows.Count);
        Assert.Equal((1L, reason, (RawDocument?)null), (rows[1].Row, rows[1].Reason, rows[1].Document));
        Assert.NotEmpty(rows[1].Detail);
        Assert.Equal("after", rows[2].Document!.Id);
    }

    [Fact]
    public void Read_RejectsTheRow_WhenItsBytesAreNotUtf8()
    {
        var rows = Rows(File("bytes.x", [.. "{\"id\":\"a\"}\n{\"id\":\"b\",\"title\":\""u8, 0xC3, 0x28, .. "\"}\n{\"id\":\"c\"}"u8]));
        Assert.Equal(["", RejectReason.InvalidText, ""], rows.Select(r => r.Reason));
    }

    [Fact]
    public void Read_HandlesLinesLongerThanItsBuffer()
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"word{i} "));
        var rows = Rows($$"""{"id":"a","content":"{{text}}"}""" + "\n" + """{"id":"b"}""");
        Assert.Equal(text, rows[0].Document!.Content);
        Assert.Equal("b", rows[1].Document!.Id);
    }

    [Fact]
    public void Read_RejectsALineBeyondItsLimit_AndGoesOn()
    {
        var path = Path.Combine(Folder, "long.x");
        using (var file = System.IO.File.Create(path))
        {
            file.Write("{\"id\":\"a\"}\n{\"id\":\""u8);
            var part = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
            for (var i = 0; i < 70; i++)
            {
                file.Write(part);
            }

            file.Write("\"}\n{\"id\":\"c\"}"u8);
        }

        var rows = Rows(new CorpusFile(path, "long.x"));
        Assert.Equal([(0L, ""), (1L, RejectReason.TooLong), (2L, "")], rows.Select(r => (r.Row, r.Reason)));
    }
}
