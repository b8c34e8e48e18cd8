#if STACK_SYSTEM
using DataPrep.Cleaning;
using DataPrep.Tables;

namespace DataPrep.Tests.Cleaning;

public sealed class CorpusChangeTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("change-").FullName;
    readonly DuckDbTableStore store = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Change_CountsWhatCameWentAndDiffers()
    {
        var before = Write("before", [("a", "t", "one"), ("b", "t", "two"), ("c", "t", ""), ("d", "t", "four")]);
        var now = Write("now", [("b", "t", "two"), ("a", "t", "two"), ("c", "other", ""), ("e", "t", "four"), ("f", "t", ""), ("g", "t", "seven")]);
        Assert.Equal(new CorpusChange(Documents: 6, New: 3, Changed: 2, Gone: 1, Duplicates: 2), CorpusChange.Of(store, [before], [now], Token));
        Assert.Equal(new CorpusChange(4, 4, 0, 0, 0), CorpusChange.Of(store, [], [before], Token));
        Assert.Equal(new CorpusChange(4, 0, 0, 0, 0), CorpusChange.Of(store, [before], [before], Token));
    }

    string Write(string name, IEnumerable<(string Id, string Title, string Content)> documents)
    {
        var path = Path.Combine(folder, name + ".parquet");
        RowTables.Documents.Write(store, path, documents.Select(d => new Document(d.Id, d.Title, d.Content, "", "s", 0, ContentHash.Of(d.Content), d.Id)), Token);
        return path;
    }
}
#endif
