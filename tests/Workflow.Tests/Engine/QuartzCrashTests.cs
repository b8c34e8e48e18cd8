using System.Text.Json;
using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Native;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Engine;

/// <summary>Quartz's pitfalls with real processes: what a kill loses, who else may open the store, what continues after a crash.</summary>
public sealed class QuartzCrashTests : IDisposable
{
    readonly TestHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData("enqueue=run-1", "ring Run run-1", "workflow")]
    [InlineData("enqueue=run-1", "ring Run run-1", "renamed")]
    [InlineData("cancel=run-1", "ring Cancel run-1", "workflow")]
    [InlineData("alarm=nightly@0.01", "ring Alarm nightly", "workflow")]
    [InlineData("alarm=nightly@0.01", "ring Alarm nightly", "renamed")]
    public async Task Ring_ComesAgain_WhenEachProcessWasKilledBeforeItWasDealtWith(string put, string ring, string laterInstance)
    {
        await KillAsync("workflow", put, "unfinished=1");

        // Taken is not dealt with: this one dies with the ring in its hands, and as a recovery of a recovery.
        await KillAsync(laterInstance, "take=1", "unfinished=1");
        await using var last = Start(laterInstance, "take=1", "stop");
        Assert.Equal(ring, await last.LineAsync(l => l.StartsWith("ring", StringComparison.Ordinal), Cancellation));
        Assert.Equal(0, await last.ExitAsync(Cancellation));
    }

    [Fact]
    public async Task Alarms_AreKept_WhenTheirProcessIsKilled()
    {
        await KillAsync("workflow", "alarm=nightly@3600", "alarm=weekly@7200");
        await using var next = Start("workflow", "scheduled", "stop");
        Assert.Equal("scheduled nightly weekly", await next.LineAsync(l => l.StartsWith("scheduled", StringComparison.Ordinal), Cancellation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Quartz_ThrowsAwayWhatAnotherInstanceLeft_AndTheLedgerDeclaresItAgain(bool killed)
    {
        await using var first = Start("workflow", "enqueue=run-1", "unfinished=1", "hold");
        await first.LineAsync(l => l == "holding", Cancellation);
        if (killed)
        {
            first.Signal(Libc.SigKill);
            await first.ExitAsync(Cancellation);
        }

        // Quartz itself, without our lock and our preparation of the store: it neither refuses nor recovers.
        var store = new QuartzStore(home.Paths, QuartzHost.SchedulerName, "other", TimeProvider.System, _ => { });
        var rung = 0;
        var door = new RingDoor((_, _, _) =>
        {
            Interlocked.Increment(ref rung);
            return Task.CompletedTask;
        });
        await using (var other = await QuartzHost.CreateAsync(store.ConnectionString, "other", TimeProvider.System, door, new QuartzLog(TimeProvider.System, _ => { }, () => { }), Cancellation))
        {
            await other.StartAsync(Cancellation);
            Assert.Equal("0|0", await SqliteShell.RunAsync(home.Paths.Engine, "SELECT (SELECT COUNT(*) FROM QRTZ_FIRED_TRIGGERS), (SELECT COUNT(*) FROM QRTZ_TRIGGERS WHERE TRIGGER_STATE='WAITING')", Cancellation));
        }

        Assert.Equal(0, rung);
        if (!killed)
        {
            first.Signal(Libc.SigKill);
            await first.ExitAsync(Cancellation);
        }

        await using var engine = new QuartzEngine(home.Paths, TimeProvider.System);
        await engine.StartAsync(Cancellation);
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
        await engine.RedeclareAsync([], ["run-1"], Cancellation);
        Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await engine.WaitAsync(TimeSpan.FromMinutes(5), Cancellation));
    }

    [Fact]
    public async Task SecondScheduler_IsRefused_InAnotherProcessAndInThisOne_UntilTheFirstIsGone()
    {
        await using var first = Start("workflow", "alarm=nightly@3600", "hold");
        await first.LineAsync(l => l == "holding", Cancellation);
        await using var second = Start("other", "stop");
        Assert.NotEqual(0, await second.ExitAsync(Cancellation));
        Assert.Contains($"Another scheduler (pid {first.Pid} ", second.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("started", second.Said, StringComparison.Ordinal);

        await using var third = new QuartzEngine(home.Paths, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => third.StartAsync(Cancellation));
        Assert.Contains(home.Paths.Engine, refused.Message, StringComparison.Ordinal);
        Assert.Empty(await third.AliveAsync(Cancellation));

        first.Signal(Libc.SigKill);
        await third.StartAsync(Cancellation);
        Assert.Equal(["nightly"], (await third.ScheduledAsync(Cancellation)).Select(a => a.Key));

        // One that was refused before writes its rings like any other.
        await third.EnqueueAsync("run-1", Cancellation);
        using (var store = new LedgerConnection(home.Paths.Engine, readOnly: true))
        {
            while (store.Number("SELECT COUNT(*) FROM QRTZ_FIRED_TRIGGERS WHERE STATE='EXECUTING'") == 0)
            {
                await Task.Delay(5, Cancellation);
            }
        }

        await using var fourth = new QuartzEngine(home.Paths, TimeProvider.System);
        await Assert.ThrowsAsync<WorkflowException>(() => fourth.StartAsync(Cancellation));
    }

    [Theory]
    [InlineData("kept")]
    [InlineData("deleted")]
    [InlineData("garbage")]
    public async Task Successor_Starts_WhenItsProcessWasKilledBetweenTheEndOfAStageAndIt(string store)
    {
        var job = Corpus.Pipeline(Path.Combine(home.Root, "corpus"));
        var expected = await Undisturbed.OfAsync(job, Cancellation);
        using (var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            ledger.Write(db => db.Execute("INSERT INTO request(request_id, kind, run_id, payload, actor, created_us) VALUES ('1', 'run', ?1, ?2, 'test', 1)", TimeProvider.System.NewId(), JsonSerializer.Serialize(job)));
        }

        await using (var first = Serve("commit.after:1:kill"))
        {
            Assert.Equal(128 + Libc.SigKill, await first.ExitAsync(Cancellation));
        }

        Assert.Equal("1|1", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT SUM(state='succeeded'), SUM(state IN('ready','waiting'))>0 FROM node", Cancellation));
        if (store == "deleted")
        {
            File.Delete(home.Paths.Engine);
        }
        else if (store == "garbage")
        {
            // With the log still there SQLite would mend the file.
            File.Delete(home.Paths.Engine + "-wal");
            File.WriteAllBytes(home.Paths.Engine, [.. Enumerable.Repeat((byte)'x', 100_000)]);
        }

        await using (var second = Serve(""))
        {
            await second.LineAsync(l => l == "ended succeeded", Cancellation);
            Assert.Equal(store == "garbage", second.Said.Contains("moved to", StringComparison.Ordinal));
        }

        Assert.Empty(await Oracle.AfterAsync(home.Paths, expected, Cancellation));
    }

    async Task KillAsync(string instance, params string[] steps)
    {
        await using var process = Start(instance, [.. steps, "hold"]);
        await process.LineAsync(l => l == "holding", Cancellation);
        process.Signal(Libc.SigKill);
        await process.ExitAsync(Cancellation);
    }

    HostProcess Start(string instance, params string[] steps) => HostProcess.Start(["engine", home.Root, instance, .. steps]);

    HostProcess Serve(string chaos) => HostProcess.Start(["serve", home.Root], new Dictionary<string, string> { ["FAULT_ENGINE"] = "quartz", [Chaos.Variable] = chaos });
}
