using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

public sealed class CsvReaderTests : CorpusReaderContract
{
    protected override ICorpusReader Reader { get; } = new DelimitedReader("csv", ',');

    protected override string Sample => "id,title,content,extra\n1,\"a, b\",\"line one\nline \"\"two\"\"\",x\n2,Größe 𝄞,,\n3,\"\",c,\"y\"\n";

    protected override IReadOnlyList<RawDocument> Expected => [new("1", "a, b", "line one\nline \"two\""), new("2", "Größe 𝄞", ""), new("3", "", "c")];

    [Theory]
    [InlineData("2,\"b\"x,c", RejectReason.InvalidRecord)]
    [InlineData("2,b", RejectReason.FieldCount)]
    [InlineData("2,b,c,d", RejectReason.FieldCount)]
    [InlineData(",b,c", RejectReason.MissingId)]
    public void Read_RejectsTheRecordWithItsReason_AndGoesOn(string record, string reason)
    {
        var rows = Rows("id,title,content\n1,a,b\n" + record + "\n3,c,d\n");
        Assert.Equal([(0L, ""), (1L, reason), (2L, "")], rows.Select(r => (r.Row, r.Reason)));
    }

    [Fact]
    public void Read_RejectsTheRecord_WhenItsBytesAreNotUtf8()
    {
        var rows = Rows(File("bytes.x", [.. "id,title\n1,a\n2,"u8, 0xFF, .. "\n3,c"u8]));
        Assert.Equal(["", RejectReason.InvalidText, ""], rows.Select(r => r.Reason));
    }

    [Fact]
    public void Read_RejectsTheRest_WhenAQuoteNeverEnds()
    {
        var rows = Rows("id,title\n1,a\n2,\"b\n3,c\n");
        Assert.Equal(["", RejectReason.InvalidRecord], rows.Select(r => r.Reason));
        Assert.Contains("never ends", rows[1].Detail);
    }

    [Fact]
    public void Read_IsAnErrorThatNamesTheFields_WhenTheHeaderHasNotWhatIsAsked()
    {
        var e = Assert.Throws<DataPrepException>(() => Rows("key,name\n1,a\n"));
        Assert.Contains("'key', 'name'", e.Message);
        Assert.Contains("'id'", e.Message);
        Assert.Throws<DataPrepException>(() => Rows("id,title,title\n1,a,b\n"));
    }

    [Fact]
    public void Read_NamesFieldsByPosition_WithoutHeader()
    {
        var rows = Rows("1,a\n2,b\n", new ReaderOptions { Header = false, IdField = "0", ContentField = "1" });
        Assert.Equal([new RawDocument("1", "", "a"), new RawDocument("2", "", "b")], rows.Select(r => r.Document!));
    }
}

public sealed class TsvReaderTests : CorpusReaderContract
{
    protected override ICorpusReader Reader { get; } = new DelimitedReader("tsv", '\t');

    protected override string Sample => "content\tid\n\"ü\tb\"\t1\nan \"inner\" quote, and commas\t2";

    protected override IReadOnlyList<RawDocument> Expected => [new("1", "", "ü\tb"), new("2", "", "an \"inner\" quote, and commas")];

    [Fact]
    public void Read_TakesQuotesAsTheyStand_WhenAsked()
    {
        var rows = Rows("id\tcontent\n1\t\"open\n2\tb\n", new ReaderOptions { Quotes = false });
        Assert.Equal(["\"open", "b"], rows.Select(r => r.Document!.Content));
    }
}
