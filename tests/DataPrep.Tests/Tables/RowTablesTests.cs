#if STACK_SYSTEM
using System.Reflection;
using System.Text;
using DataPrep.Tables;

namespace DataPrep.Tests.Tables;

public sealed class RowTablesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("rows-").FullName;
    readonly DuckDbTableStore store = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Tables_GiveBackTheirRows()
    {
        RoundTrip(RowTables.Documents, new Document("d", "Title", "", "en", "a/b.jsonl", 3, "00ff", "g"), new Document("é", "", "x", "", "s", 0, "", "h"));
        RoundTrip(RowTables.Rejects, new Reject("s", 1, "empty", "neither title nor content"));
        RoundTrip(RowTables.Duplicates, new Duplicate("b", "a", "exact"));
        RoundTrip(RowTables.Pairs, new Pair("q", "text", "d", null, "title", "train"), new Pair("q2", "text", "d", "passage", "crop", "dev", 2));
        RoundTrip(RowTables.Negatives, new Negative("q", "p", "n", 0.25f, 1.5f, 7, "bm25", "range 0-50", "bm25:aa"));
        RoundTrip(RowTables.Passages, new ShardPassage(5, "d", "text", "c"));
        RoundTrip(RowTables.Qrels, new Qrel("q", "d", -1));
        RoundTrip(RowTables.Queries, new Query("q", "what"));
        Assert.Equal([1f, -2f], Assert.Single(Again(RowTables.Embeddings, new Embedding("d", "h", [1f, -2f]))).Vector);
        var row = new TrainingRow(1, "q", "query", "d", null, 2, [3, 4], "title", "s", 5, "dense", "abc", 1);
        var read = Assert.Single(Again(RowTables.TrainingRows, row));
        Assert.Equal(row.NegativePassages, read.NegativePassages);
        Assert.Equal(row, read with { NegativePassages = row.NegativePassages });
    }

    [Fact]
    public void Columns_AreTheFieldsInSnakeCase()
    {
        foreach (var property in typeof(RowTables).GetProperties(BindingFlags.Public | BindingFlags.Static))
        {
            var table = property.GetValue(null)!;
            var schema = (TableSchema)table.GetType().GetProperty("Schema")!.GetValue(table)!;
            var fields = property.PropertyType.GetGenericArguments()[0].GetConstructors()[0].GetParameters().Select(p => Snake(p.Name!));
            Assert.Equal(fields, schema.Columns.Select(c => c.Name));
        }
    }

    [Fact]
    public void Read_NamesFileRowAndColumn_WhenARequiredTextIsNull()
    {
        var path = Path.Combine(folder, "null.parquet");
        store.Write(path, RowTables.Queries.Schema, [new ColumnBatch(2, [new string?[] { "a", "b" }, new string?[] { "x", null }])], Token);
        var e = Assert.Throws<DataPrepException>(() => RowTables.Queries.Read(store, path, Token).ToList());
        Assert.Contains(path, e.Message);
        Assert.Contains("row 1", e.Message);
        Assert.Contains("'text' is null", e.Message);
    }

    static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            _ = char.IsUpper(c) && text.Length > 0 ? text.Append('_').Append(char.ToLowerInvariant(c)) : text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    void RoundTrip<T>(RowTable<T> table, params T[] rows) => Assert.Equal(rows, Again(table, rows));

    List<T> Again<T>(RowTable<T> table, params T[] rows)
    {
        var path = Path.Combine(folder, "t.parquet");
        table.Write(store, path, rows, Token);
        return [.. table.Read(store, [path, path], Token).Take(rows.Length)];
    }
}
#endif
