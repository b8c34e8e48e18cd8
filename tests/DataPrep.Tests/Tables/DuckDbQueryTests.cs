#if STACK_SYSTEM
using DataPrep.Tables;

namespace DataPrep.Tests.Tables;

public sealed class DuckDbQueryTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("query-").FullName;
    readonly Dictionary<string, IReadOnlyList<string>> views;

    public DuckDbQueryTests()
    {
        var store = new DuckDbTableStore();
        var paths = new[] { Path.Combine(folder, "part-00000.parquet"), Path.Combine(folder, "part-00001.parquet") };
        for (var i = 0; i < paths.Length; i++)
        {
            RowTables.Qrels.Write(store, paths[i], Enumerable.Range(0, 3000).Select(n => new Qrel($"q{n % 10}", $"d{i}-{n}", n % 3)));
        }

        views = new() { ["qrels"] = paths };
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_UnitesTheFilesOfAView_AndKeepsTheOrder()
    {
        using var result = new DuckDbQuery().Run("SELECT query_id, count(*) AS n, sum(grade) AS total, NULL AS none FROM qrels GROUP BY 1 ORDER BY query_id DESC; ", views, Token);
        Assert.Equal<string>(["query_id", "n", "total", "none"], result.Columns);
        var rows = result.Rows().ToList();
        Assert.Equal(10, rows.Count);
        Assert.Equal<IEnumerable<string?>>(["q9", "600", "600", null], rows[0]);
        using var all = new DuckDbQuery().Run("SELECT doc_id FROM qrels ORDER BY grade, doc_id DESC", views, Token);
        var expected = from i in Enumerable.Range(0, 2) from n in Enumerable.Range(0, 3000) select (Grade: n % 3, Id: $"d{i}-{n}");
        Assert.Equal(expected.OrderBy(e => e.Grade).ThenByDescending(e => e.Id, StringComparer.Ordinal).Select(e => e.Id), all.Rows().Select(r => r[0]!));
    }

    [Theory]
    [InlineData("DESCRIBE qrels", 3)]
    [InlineData("SUMMARIZE qrels", 3)]
    [InlineData("WITH a AS (SELECT 1 AS x, 2 AS x) SELECT * FROM a -- note", 1)]
    public void Run_TakesEveryReadingStatement(string sql, int rows)
    {
        using var result = new DuckDbQuery().Run(sql, views, Token);
        Assert.Equal(rows, result.Rows().Count());
    }

    [Fact]
    public void Run_SaysWhichFile_WhenOneIsMissingOrNamedLikeAPattern()
    {
        Assert.Contains("'/nowhere.parquet' does not exist", Assert.Throws<DataPrepException>(() => new DuckDbQuery().Run("SELECT 1", new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["/nowhere.parquet"] }, Token)).Message);
        var odd = Path.Combine(folder, "part-[1].parquet");
        File.Copy(views["qrels"][0], odd);
        Assert.Contains(odd, Assert.Throws<DataPrepException>(() => new DuckDbQuery().Run("SELECT 1", new Dictionary<string, IReadOnlyList<string>> { ["a"] = [odd] }, Token)).Message);
    }

    [Theory]
    [InlineData("COPY qrels TO '{0}/out.csv'")]
    [InlineData("COPY (SELECT 1) TO '{0}/part-00000.parquet' (FORMAT parquet)")]
    [InlineData("SELECT 1; COPY qrels TO '{0}/out.csv'")]
    [InlineData("SELECT 1) AS q(c0); COPY (SELECT 1) TO '{0}/part-00000.parquet' (FORMAT parquet); SELECT * FROM (SELECT 1")]
    [InlineData("EXPLAIN ANALYZE COPY (SELECT 1) TO '{0}/part-00000.parquet' (FORMAT parquet)")]
    [InlineData("ATTACH '{0}/x.db'")]
    [InlineData("SET threads = 9")]
    [InlineData("CREATE TABLE t (x INTEGER)")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELEC 1")]
    [InlineData("SELECT * FROM documents")]
    public void Run_RefusesEverythingElse_AndChangesNothing(string sql)
    {
        var before = Directory.GetFiles(folder).ToDictionary(f => f, File.ReadAllBytes);
        var e = Assert.Throws<DataPrepException>(() =>
        {
            using var result = new DuckDbQuery().Run(sql.Replace("{0}", folder), views, Token);
            _ = result.Rows().Count();
        });
        Assert.Contains("qrels", e.Message);
        Assert.Equal(before.Keys.Order(), Directory.GetFiles(folder).Order());
        Assert.All(before, f => Assert.Equal(f.Value, File.ReadAllBytes(f.Key)));
    }
}
#endif
