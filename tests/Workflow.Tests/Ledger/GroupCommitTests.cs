using Microsoft.Data.Sqlite;
using Workflow.Ledger;
using Workflow.Native;
using Xunit;

namespace Workflow.Tests.Ledger;

/// <summary>Writes that share a transaction: what each caller is told is what the file holds, by SQLite's own shell and by the log's format.</summary>
public sealed class GroupCommitTests : IDisposable
{
    const string Insert = "INSERT INTO home(k, v) VALUES (?1, 'x')";
    readonly TestHome home = new();
    readonly LedgerDb ledger;

    public GroupCommitTests()
    {
        ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);

        // Who shares a transaction must not depend on how busy the machine is.
        ledger.LongestGroup = TimeSpan.FromMinutes(1);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        ledger.Dispose();
        home.Dispose();
    }

    [Fact]
    public async Task Write_SharesOneCommit_WithThoseWhoQueuedMeanwhile()
    {
        var before = WalFrames.Commits(home.Paths.Ledger);
        Task[] writes;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            writes = [busy.Writing, .. Enumerable.Range(0, 50).Select(i => ledger.WriteAsync(db => db.Execute(Insert, $"n{i}"), Cancellation))];
        }

        await Task.WhenAll(writes);
        Assert.Equal(1, WalFrames.Commits(home.Paths.Ledger) - before);
        Assert.Equal("51", await ShellAsync("SELECT COUNT(*) FROM home WHERE v='x'"));
    }

    [Fact]
    public async Task Write_UndoesOnlyTheBodyThatThrew()
    {
        var before = WalFrames.Commits(home.Paths.Ledger);
        Task good;
        Task<int> odd;
        Task after;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            good = busy.Writing;
            odd = ledger.WriteAsync<int>(db =>
            {
                db.Execute(Insert, "odd");
                db.Execute("UPDATE home SET v='spoilt' WHERE k='first'");
                throw new TimeoutException("of the body");
            }, Cancellation);
            after = ledger.WriteAsync(db => db.Execute(Insert, $"after {db.Number("SELECT COUNT(*) FROM home WHERE v='x'")}"), Cancellation);
        }

        await good;
        await after;
        Assert.Equal("of the body", (await Assert.ThrowsAsync<TimeoutException>(() => odd)).Message);
        Assert.Equal(1, WalFrames.Commits(home.Paths.Ledger) - before);
        Assert.Equal("after 1,first", await ShellAsync("SELECT group_concat(k) FROM (SELECT k FROM home WHERE v='x' ORDER BY k)"));
    }

    [Fact]
    public async Task Write_KeepsThoseBehind_WhereTheFirstBodyThrows()
    {
        Task first;
        Task second;
        using (var busy = new BusyLedger(ledger, db =>
        {
            db.Execute(Insert, "first");
            throw new TimeoutException();
        }))
        {
            first = busy.Writing;
            second = ledger.WriteAsync(db => db.Execute(Insert, "second"), Cancellation);
        }

        await Assert.ThrowsAsync<TimeoutException>(() => first);
        await second;
        Assert.Equal("second", await ShellAsync("SELECT k FROM home WHERE v='x'"));
    }

    [Fact]
    public async Task Write_FailsForAll_WhereTheCommitFails()
    {
        Task[] writes;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            // A foreign key that is only asked for at the commit: there it fails, as a commit to a bad disk would.
            writes = [busy.Writing, ledger.WriteAsync(db =>
            {
                db.Script("PRAGMA defer_foreign_keys=ON");
                db.Execute("INSERT INTO pin(artifact_id, reason, actor) VALUES ('none', '', '')");
            }, Cancellation), ledger.WriteAsync(db => db.Execute(Insert, "third"), Cancellation)];
        }

        foreach (var write in writes)
        {
            Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => write)).SqliteErrorCode);
        }

        Assert.Equal("0", await ShellAsync("SELECT COUNT(*) FROM home WHERE v='x'"));
        ledger.Write(db => db.Execute(Insert, "later"));
        Assert.Equal("later", await ShellAsync("SELECT k FROM home WHERE v='x'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_FailsForThoseBefore_WhereSqliteThrowsTheTransactionAway(bool swallowed)
    {
        Task[] gone;
        Task after;
        var refused = false;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            gone = [busy.Writing, ledger.WriteAsync(db => db.Execute(Insert, "second"), Cancellation), ledger.WriteAsync(db =>
            {
                try
                {
                    // What SQLite does by itself where a disk is full or fails.
                    db.Execute("INSERT OR ROLLBACK INTO home(k, v) VALUES ('second', '')");
                }
                catch (SqliteException) when (swallowed)
                {
                    refused = Assert.Throws<SqliteException>(() => db.Execute(Insert, "outside of any transaction")).SqliteErrorCode == 19;
                }
            }, Cancellation)];
            after = ledger.WriteAsync(db => db.Execute(Insert, "after"), Cancellation);
        }

        foreach (var write in gone)
        {
            Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => write)).SqliteErrorCode);
        }

        await after;
        Assert.Equal(swallowed, refused);
        Assert.Equal("after", await ShellAsync("SELECT k FROM home WHERE v='x'"));
    }

    [Fact]
    public async Task Write_SaysFull_AndKeepsWhatItAcknowledged_WhenTheFileMayNotGrow()
    {
        ledger.Write(db => db.Execute(Insert, "before"));
        ledger.Write(db => db.Script($"PRAGMA max_page_count={db.Number("PRAGMA page_count") + 20}"));
        List<Task> writes = [];
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            writes.Add(busy.Writing);
            writes.AddRange(Enumerable.Range(0, 40).Select(i => ledger.WriteAsync(db => db.Execute("INSERT INTO home(k, v) VALUES (?1, ?2)", $"n{i}", new string('y', 8000)), Cancellation)));
        }

        var kept = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
                kept++;
            }
            catch (SqliteException fault)
            {
                Assert.Equal(13, fault.SqliteErrorCode);
            }
        }

        Assert.InRange(kept, 1, 40);
        Assert.Equal((kept + 1).ToString(), await ShellAsync("SELECT COUNT(*) FROM home WHERE v='x' OR v LIKE 'y%'"));
        Assert.Equal("ok", await ShellAsync("PRAGMA integrity_check"));
    }

    [Fact]
    public void Write_RunsOnTheCallersThread_WhenNobodyElseWrites() =>
        Assert.Equal(Environment.CurrentManagedThreadId, ledger.Write(_ => Environment.CurrentManagedThreadId));

    [Fact]
    public void Write_FlushesEveryCommit() => Assert.Equal((2, "wal"), ledger.Write(db => ((int)db.Number("PRAGMA synchronous"), db.Text("PRAGMA journal_mode"))));

    [Fact]
    public async Task Write_IsRefused_InsideABody()
    {
        Assert.Contains("inside the body", Assert.Throws<InvalidOperationException>(() => ledger.Write(_ => ledger.Write(_ => 1))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ledger.WriteAsync(_ => ledger.WriteAsync(_ => 1, Cancellation).IsCompleted, Cancellation));
        Assert.Throws<InvalidOperationException>(() => ledger.Write(_ => ledger.Dispose()));
        Assert.Equal(2, ledger.Write(_ => 2));
    }

    [Fact]
    public async Task WriteAsync_IsGivenUp_WhereItsBodyHasNotStarted()
    {
        using var giveUp = new CancellationTokenSource();
        Task first;
        Task write;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            first = busy.Writing;
            write = ledger.WriteAsync(db => db.Execute(Insert, "never"), giveUp.Token);
            await giveUp.CancelAsync();
        }

        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal("first", await ShellAsync("SELECT k FROM home WHERE v='x'"));
    }

    [Fact]
    public async Task Dispose_EndsTheBodyUnderWay_AndRefusesThoseBehind()
    {
        Task under;
        Task behind;
        Task closing;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "first")))
        {
            under = busy.Writing;
            behind = ledger.WriteAsync(db => db.Execute(Insert, "behind"), Cancellation);
            closing = Task.Run(ledger.Dispose, Cancellation);
            while (!Refuses())
            {
                await Task.Yield();
            }
        }

        await closing;
        await under;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => behind);
        Assert.Throws<ObjectDisposedException>(() => ledger.Write(_ => 1));
        Assert.Equal("first", await ShellAsync("SELECT k FROM home WHERE v='x'"));

        bool Refuses()
        {
            try
            {
                return ledger.WriteAsync(_ => 1, new CancellationToken(canceled: true)).IsFaulted;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task Write_SaysWhoHoldsTheLedger_AndFailsThoseBehind_WhenItIsLocked()
    {
        using var other = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        other.Write(db => db.Execute("PRAGMA busy_timeout=50"));
        Task holder;
        using (var busy = new BusyLedger(ledger, db => db.Execute(Insert, "holder")))
        {
            holder = busy.Writing;
            Assert.Contains("locked", Assert.Throws<WorkflowException>(() => other.Write(db => db.Execute(Insert, "other"))).Message, StringComparison.Ordinal);
            var many = Enumerable.Range(0, 8).Select(i => other.WriteAsync(db => db.Execute(Insert, $"n{i}"), Cancellation)).ToList();
            foreach (var write in many)
            {
                await Assert.ThrowsAsync<WorkflowException>(() => write);
            }
        }

        await holder;
        other.Write(db => db.Execute(Insert, "later"));
        Assert.Equal("holder,later", await ShellAsync("SELECT group_concat(k) FROM (SELECT k FROM home WHERE v='x' ORDER BY k)"));
    }

    [Fact]
    public async Task Write_StoresExactlyWhatItAcknowledged_WhenManyCallersFailAtRandom()
    {
        var told = await Task.WhenAll(Enumerable.Range(0, 32).Select(c => Task.Run(async () =>
        {
            var random = new Random(c);
            var durable = new List<string>();
            for (var n = 0; n < 40; n++)
            {
                var key = $"{c:D2}-{n:D2}";
                var fate = random.Next(12);
                int Body(LedgerConnection db)
                {
                    db.Execute(Insert, key);
                    return fate switch
                    {
                        0 => throw new TimeoutException(),
                        1 => db.Execute("INSERT OR ROLLBACK INTO home(k, v) VALUES (?1, '')", key),
                        2 => db.Execute(Insert, key),
                        _ => 1,
                    };
                }

                try
                {
                    _ = c % 2 == 0 ? ledger.Write(Body) : await ledger.WriteAsync(Body, Cancellation);
                    durable.Add(key);
                }
                catch (Exception fault) when (fault is TimeoutException or SqliteException { SqliteErrorCode: 19 })
                {
                    // Told: nothing of it is stored.
                }
            }

            return durable;
        }, Cancellation)));
        var expected = told.SelectMany(t => t).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(string.Join('\n', expected), await ShellAsync("SELECT k FROM home WHERE v='x' ORDER BY k"));
    }

    [Fact]
    public async Task Write_IsThereAfterAKill_WhereItHadReturned()
    {
        ledger.Dispose();
        var durable = new HashSet<string>(StringComparer.Ordinal);
        for (var kill = 0; kill < 4; kill++)
        {
            await using var host = HostProcess.Start(["ledger", home.Root]);
            for (var line = 0; line < 400; line++)
            {
                await host.LineAsync(l => l.StartsWith("durable ", StringComparison.Ordinal), Cancellation);
            }

            host.Signal(Libc.SigKill);
            await host.ExitAsync(Cancellation);

            // A line cut short by the kill says nothing.
            durable.UnionWith(host.Said[..(host.Said.LastIndexOf('\n') + 1)].Split('\n').Where(l => l.StartsWith("durable ", StringComparison.Ordinal)).Select(l => l[8..]));
        }

        var found = (await ShellAsync("SELECT k FROM home WHERE v='written'")).Split('\n').ToHashSet(StringComparer.Ordinal);
        Assert.True(durable.Count >= 4 * 399);
        Assert.Empty(durable.Except(found));
        Assert.Equal("ok", await ShellAsync("PRAGMA integrity_check"));
    }

    Task<string> ShellAsync(string sql) => SqliteShell.RunAsync(home.Paths.Ledger, sql, Cancellation);
}
