using Microsoft.Data.Sqlite;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Ledger;

/// <summary>Values and faults of a connection, against what SQLite's shell finds.</summary>
public sealed class LedgerConnectionTests : IDisposable
{
    readonly TestHome home = new();
    readonly LedgerDb ledger;

    public LedgerConnectionTests()
    {
        ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        ledger.Write(db => db.Script("CREATE TABLE sample(n INTEGER PRIMARY KEY, v ANY) STRICT"));
    }

    public void Dispose()
    {
        ledger.Dispose();
        home.Dispose();
    }

    public static TheoryData<object?, string> Values => new()
    {
        { null, "null|NULL" },
        { "", "text|''" },
        { "O'Brien", "text|'O''Brien'" },
        { "Ünïcödé 漢字 🜁", "text|'Ünïcödé 漢字 🜁'" },
        { new string('ä', 3000), $"text|'{new string('ä', 3000)}'" },
        { long.MinValue, "integer|-9223372036854775808" },
        { long.MaxValue, "integer|9223372036854775807" },
        { 7, "integer|7" },
        { true, "integer|1" },
        { false, "integer|0" },
        { 0.1, "real|0.1" },
        { -2.5e300, "real|-2.5e+300" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Execute_StoresWhatItIsGiven(object? value, string quoted)
    {
        Assert.Equal(1, ledger.Write(db => db.Execute("INSERT INTO sample(v) VALUES (?1)", value)));
        Assert.Equal(quoted, await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT typeof(v), quote(v) FROM sample", TestContext.Current.CancellationToken));
        Assert.Equal(value switch { bool b => b ? 1L : 0L, int n => (long)n, _ => value }, ledger.Read(db => db.First("SELECT v, typeof(v) FROM sample", r => r.Text(1) switch
        {
            "text" => r.Text(0),
            "integer" => r.NumberOrNull(0),
            "real" => r.RealOrNull(0),
            _ => (object?)r.TextOrNull(0),
        })));
    }

    [Fact]
    public void Row_RefusesNull_WhereAValueIsNeeded() => ledger.Write(db =>
    {
        db.Execute("INSERT INTO sample(v) VALUES (NULL)");
        Assert.Throws<InvalidOperationException>(() => db.First("SELECT v FROM sample", r => r.Text(0)));
        Assert.Throws<InvalidOperationException>(() => db.First("SELECT v FROM sample", r => r.Number(0)));
        Assert.Equal((null, null, null, null), db.First("SELECT v FROM sample", r => (r.TextOrNull(0), r.NumberOrNull(0), r.RealOrNull(0), r.TimeOrNull(0))));
        Assert.Equal((0L, null), (db.Number("SELECT v FROM sample"), db.Text("SELECT v FROM sample")));
        Assert.Equal((0L, null), (db.Number("SELECT 1 WHERE 0"), db.Text("SELECT '' WHERE 0")));
    });

    [Fact]
    public void Execute_CountsChangedRows() => ledger.Write(db =>
    {
        Assert.Equal(3, db.Execute("INSERT INTO sample(v) VALUES (1), (2), (3)"));
        Assert.Equal(2, db.Execute("UPDATE sample SET v=v+?1 WHERE v>?2", 1, 1));
        Assert.Equal(0, db.Execute("DELETE FROM sample WHERE v=?1", 99));
        Assert.Equal(0, db.Execute("PRAGMA user_version"));
        Assert.Equal(8, db.Number("SELECT SUM(v) FROM sample"));
    });

    [Fact]
    public void Execute_CanBeUsedAgain_AfterItFailed() => ledger.Write(db =>
    {
        const string sql = "INSERT INTO sample(n, v) VALUES (?1, ?2)";
        db.Execute(sql, 1, "a");
        var fault = Assert.Throws<SqliteException>(() => db.Execute(sql, 1, "b"));
        Assert.Equal((19, 1555), (fault.SqliteErrorCode, fault.SqliteExtendedErrorCode));
        Assert.Contains("UNIQUE constraint failed: sample.n", fault.Message, StringComparison.Ordinal);
        db.Execute(sql, 2, "c");
        Assert.Equal("ac", db.Text("SELECT group_concat(v, '') FROM (SELECT v FROM sample ORDER BY n)"));
    });

    [Fact]
    public void Statement_IsRefused_WhereItCannotBeWhatWasMeant() => ledger.Write(db =>
    {
        Assert.Throws<ArgumentException>(() => db.Execute("INSERT INTO sample(n, v) VALUES (?1, ?2)", 1));
        Assert.Throws<ArgumentException>(() => db.Execute("DELETE FROM sample; DELETE FROM home"));
        Assert.Throws<ArgumentException>(() => db.Execute("INSERT INTO sample(v) VALUES (?1)", TimeSpan.Zero));
        Assert.Throws<SqliteException>(() => db.Execute("INSERT INTO nowhere(v) VALUES (?1)", 1));
        db.Execute("INSERT INTO sample(v) VALUES (1), (2)");
        Assert.Throws<InvalidOperationException>(() => db.Query("SELECT v FROM sample", _ => db.Number("SELECT v FROM sample")));
    });
}
