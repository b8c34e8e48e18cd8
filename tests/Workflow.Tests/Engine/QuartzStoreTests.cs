using System.Diagnostics;
using Workflow.Artifacts;
using Workflow.Engine;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Engine;

/// <summary>Quartz's file: kept over a restart, never needed, made anew whatever happened to it.</summary>
public sealed class QuartzStoreTests : IDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromDays(1000);
    readonly TestHome home = new();
    readonly FakeClock clock = new(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    EngineAlarm[] Truth => [new("nightly", new DateTimeOffset(2026, 10, 25, 1, 30, 0, TimeSpan.Zero)), new("weekly", new DateTimeOffset(2026, 10, 25, 2, 30, 0, TimeSpan.Zero))];

    public static TheoryData<string> Fates => new("deleted", "deleted with its log", "empty", "garbage", "cut in half", "another schema", "another database", "an older copy");

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Alarms_SurviveARestart_AndRingLate()
    {
        await using (var first = await StartedAsync())
        {
            await first.RedeclareAsync(Truth, [], Cancellation);
        }

        Assert.Equal("wal", await SqliteShell.RunAsync(home.Paths.Engine, "PRAGMA journal_mode", Cancellation));
        clock.Advance(TimeSpan.FromMinutes(90));
        await using var second = await StartedAsync();
        Assert.Equal("nightly", (await second.WaitAsync(Long, Cancellation))?.Key);
        Assert.Equal([Truth[1]], await second.ScheduledAsync(Cancellation));
    }

    [Fact]
    public async Task Ring_ThatNobodyDealtWith_SurvivesAnOrderlyEnd()
    {
        await using (var first = await StartedAsync())
        {
            await first.EnqueueAsync("run-1", Cancellation);
            using var store = new LedgerConnection(home.Paths.Engine, readOnly: true);
            while (store.Number("SELECT COUNT(*) FROM QRTZ_FIRED_TRIGGERS WHERE STATE='EXECUTING'") == 0)
            {
                // Rings nobody deals with are written after a grace.
                clock.Advance(TimeSpan.FromMilliseconds(300));
                await Task.Yield();
            }
        }

        await using var second = await StartedAsync();
        Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await second.WaitAsync(Long, Cancellation));
    }

    [Fact]
    public async Task Redeclare_DoesNotWrite_WhereNothingDiffers()
    {
        await using var engine = await StartedAsync();

        // As exact as the clock: a store that kept less would differ for ever.
        EngineAlarm[] truth = [Truth[0], Truth[1] with { Due = Truth[1].Due.AddTicks(1_234_567) }];
        await engine.RedeclareAsync(truth, [], Cancellation);
        using var watch = new LedgerConnection(home.Paths.Engine, readOnly: true);
        var before = watch.Number("PRAGMA data_version");
        await engine.RedeclareAsync(truth, [], Cancellation);
        await engine.RedeclareAsync([.. truth.Reverse()], [], Cancellation);
        Assert.Equal(before, watch.Number("PRAGMA data_version"));
        await engine.RedeclareAsync([truth[0]], [], Cancellation);
        Assert.NotEqual(before, watch.Number("PRAGMA data_version"));
    }

    [Theory]
    [MemberData(nameof(Fates))]
    public async Task Store_IsMadeAnew_WhenItWasLostBeforeTheStart(string fate)
    {
        await using (var first = await StartedAsync())
        {
            await first.ScheduleAsync("old", Truth[0].Due, Cancellation);
            CopyOlder();
            await first.RedeclareAsync(Truth, [], Cancellation);
        }

        await SufferAsync(fate);
        await using var second = await StartedAsync();
        await second.RedeclareAsync(Truth, ["run-1"], Cancellation);
        Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await second.WaitAsync(Long, Cancellation));
        await AssertInOrderAsync(second);
        Assert.Equal(fate is "garbage" or "cut in half" or "another schema", Directory.Exists(home.Paths.Quarantine));
    }

    [Theory]
    [MemberData(nameof(Fates))]
    public async Task Store_IsMadeAnew_WhenItIsLostWhileRunning(string fate)
    {
        await using var engine = await StartedAsync();
        await engine.ScheduleAsync("old", Truth[0].Due, Cancellation);
        CopyOlder();
        await engine.RedeclareAsync(Truth, [], Cancellation);
        await SufferAsync(fate);

        // Nobody declares anything: the engine looks by itself, and rings for now never needed the store.
        await engine.EnqueueAsync("run-1", Cancellation);
        Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await engine.WaitAsync(Long, Cancellation));
        await AssertInOrderAsync(engine);
        Assert.Single(await engine.AliveAsync(Cancellation));
    }

    [Fact]
    public async Task FullDisk_IsWaitedFor_AndTheStoreIsKept()
    {
        var mount = Path.Combine(home.Root, "small");
        Directory.CreateDirectory(mount);
        if (await ExecuteAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount) != 0)
        {
            Assert.Skip("a small file system cannot be mounted here (root only)");
        }

        try
        {
            var small = new HomePaths(mount);
            var full = new TaskCompletionSource();
            await using var engine = new QuartzEngine(small, clock) { CheckEvery = TimeSpan.FromMilliseconds(1), Log = line => _ = line.Contains("took no change", StringComparison.Ordinal) && full.TrySetResult() };
            await engine.StartAsync(Cancellation);
            await engine.RedeclareAsync(Truth, [], Cancellation);
            var ballast = Path.Combine(mount, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[new DriveInfo(mount).AvailableFreeSpace], Cancellation);
            var last = 0;
            while (!full.Task.IsCompleted)
            {
                await engine.ScheduleAsync($"more-{++last}", Truth[1].Due + TimeSpan.FromDays(last), Cancellation);
            }

            await engine.EnqueueAsync("run-1", Cancellation);
            Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await engine.WaitAsync(Long, Cancellation));
            File.Delete(ballast);
            await engine.ScheduleAsync("next", Truth[1].Due + TimeSpan.FromDays(999), Cancellation);
            using var watch = new LedgerConnection(small.Engine, readOnly: true);
            while (watch.Number("SELECT COUNT(*) FROM QRTZ_TRIGGERS WHERE TRIGGER_NAME IN (?1, 'nightly', 'weekly', 'next')", $"more-{last}") < 4)
            {
                // Each look catches up.
                clock.Advance(TimeSpan.FromMilliseconds(1));
                await Task.Yield();
            }

            Assert.False(Directory.Exists(small.Quarantine));
        }
        finally
        {
            await ExecuteAsync("umount", "-l", mount);
        }
    }

    [Fact]
    public async Task Start_SaysWhatToDo_WhenNoStoreCanBeMade()
    {
        Directory.CreateDirectory(home.Paths.Engine);
        await using var engine = new QuartzEngine(home.Paths, clock);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => engine.StartAsync(Cancellation));
        Assert.Contains(home.Paths.Engine, refused.Message, StringComparison.Ordinal);
        Directory.Delete(home.Paths.Engine);
        await engine.StartAsync(Cancellation);
        await engine.RedeclareAsync(Truth, [], Cancellation);
        await AssertInOrderAsync(engine);
    }

    static async Task<int> ExecuteAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Cancellation);
        return process.ExitCode;
    }

    /// <summary>The alarms ring at their times, and afterwards the file is sound and holds what is left.</summary>
    async Task AssertInOrderAsync(IJobEngine engine)
    {
        Assert.Equal(Truth, await engine.ScheduledAsync(Cancellation));
        var first = engine.WaitAsync(Long, Cancellation);
        clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(new EngineRing(RingKind.Alarm, "nightly"), await first);
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));

        // Takes its turn after whatever repair is under way.
        await engine.ScheduleAsync("next", Truth[1].Due + TimeSpan.FromDays(1), Cancellation);
        Assert.Equal("ok", await SqliteShell.RunAsync(home.Paths.Engine, "PRAGMA integrity_check", Cancellation));
        Assert.Equal("next weekly", await SqliteShell.RunAsync(home.Paths.Engine,
            $"SELECT group_concat(TRIGGER_NAME, ' ') FROM (SELECT TRIGGER_NAME FROM QRTZ_TRIGGERS WHERE TRIGGER_GROUP='alarm' AND NEXT_FIRE_TIME>{clock.GetUtcNow().Ticks} ORDER BY 1)", Cancellation));
        var second = engine.WaitAsync(Long, Cancellation);
        clock.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal(new EngineRing(RingKind.Alarm, "weekly"), await second);
    }

    async Task<QuartzEngine> StartedAsync()
    {
        var output = TestContext.Current.TestOutputHelper;
        var engine = new QuartzEngine(home.Paths, clock) { Log = line => output?.WriteLine(line) };
        await engine.StartAsync(Cancellation);
        return engine;
    }

    string Older => Path.Combine(home.Root, "older.db");

    void CopyOlder()
    {
        using var store = new LedgerConnection(home.Paths.Engine, readOnly: true);
        store.Execute("VACUUM INTO ?1", Older);
    }

    async Task SufferAsync(string fate)
    {
        var file = home.Paths.Engine;
        switch (fate)
        {
            case "deleted":
                File.Delete(file);
                break;
            case "deleted with its log":
                File.Delete(file);
                File.Delete(file + "-wal");
                File.Delete(file + "-shm");
                break;
            case "empty":
                await File.WriteAllBytesAsync(file, [], Cancellation);
                break;
            case "garbage":
                await File.WriteAllBytesAsync(file, [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31))], Cancellation);
                break;
            case "cut in half":
                await using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    stream.SetLength(stream.Length / 2);
                }

                break;
            case "another schema":
                Replace("CREATE TABLE QRTZ_TRIGGERS(SCHED_NAME TEXT, TRIGGER_NAME TEXT, TRIGGER_GROUP TEXT); CREATE TABLE QRTZ_FIRED_TRIGGERS(ENTRY_ID TEXT)");
                break;
            case "another database":
                Replace("CREATE TABLE something(a INT)");
                break;
            case "an older copy":
                File.Move(Older, file, overwrite: true);
                File.Delete(file + "-wal");
                File.Delete(file + "-shm");
                break;
        }

        void Replace(string schema)
        {
            var other = Path.Combine(home.Root, "other.db");
            using (var db = new LedgerConnection(other, readOnly: false))
            {
                db.Script(schema);
            }

            File.Move(other, file, overwrite: true);
            File.Delete(file + "-wal");
            File.Delete(file + "-shm");
        }
    }
}
