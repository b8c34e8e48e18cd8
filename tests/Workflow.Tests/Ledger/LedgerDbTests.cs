using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Ledger;

public sealed class LedgerDbTests : IDisposable
{
    readonly TestHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Open_CreatesAWalFileThatSqliteItselfFindsSound()
    {
        using (LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            Assert.Equal("wal", await SqliteShell.RunAsync(home.Paths.Ledger, "PRAGMA journal_mode", TestContext.Current.CancellationToken));
        }

        Assert.Equal("ok", await SqliteShell.RunAsync(home.Paths.Ledger, "PRAGMA integrity_check; PRAGMA foreign_key_check", TestContext.Current.CancellationToken));
        Assert.Equal(LedgerDb.Schema.ToString(), await SqliteShell.RunAsync(home.Paths.Ledger, "PRAGMA user_version", TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Open_RefusesANewerSchema()
    {
        using (var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            ledger.Write(db => db.Script($"PRAGMA user_version={LedgerDb.Schema + 1}"));
        }

        var fault = Assert.Throws<WorkflowException>(() => LedgerDb.Open(home.Paths.Ledger, TimeProvider.System));
        Assert.Contains("newer", fault.Message, StringComparison.Ordinal);
        Assert.Throws<WorkflowException>(() => LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System));
    }

    [Fact]
    public void OpenRead_SaysWhatToDo_WhereThereIsNoLedger() =>
        Assert.Contains("workflow run", Assert.Throws<WorkflowException>(() => LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System)).Message, StringComparison.Ordinal);

    [Fact]
    public void Write_LeavesNothing_WhereTheBodyThrows()
    {
        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        Assert.Throws<InvalidOperationException>(() => ledger.Write(db =>
        {
            db.Execute("INSERT INTO home(k, v) VALUES ('x', '1')");
            throw new InvalidOperationException();
        }));
        Assert.Equal(0, ledger.Read(db => db.Number("SELECT COUNT(*) FROM home WHERE k='x'")));
    }

    [Fact]
    public async Task Write_KeepsEveryIncrement_WhenManyWritersMeet()
    {
        using var first = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        using var second = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        first.Write(db => db.Execute("INSERT INTO home(k, v) VALUES ('n', '0')"));
        var cancellation = TestContext.Current.CancellationToken;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            for (var n = 0; n < 25; n++)
            {
                (i % 2 == 0 ? first : second).Write(db => db.Execute("UPDATE home SET v=CAST(v AS INT)+1 WHERE k='n'"));
            }
        }, cancellation)));
        Assert.Equal("100", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT v FROM home WHERE k='n'", cancellation));
    }
}
