using FaultHost;
using Workflow.Ledger;
using Workflow.Native;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>Stages in child processes: what they say arrives, what kills them is told, and none outlives its host.</summary>
public sealed class ChildProcessTests : IDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        home.Dispose();
        corpus.Dispose();
    }

    [Fact]
    public async Task Child_PublishesWhatTheHostWould()
    {
        var (inHost, _) = await RunAsync(Corpus.Pipeline(corpus.Root));
        var (inChild, watch) = await RunAsync(Corpus.Pipeline(corpus.Root, "child-pipeline"));
        Assert.Equal(("succeeded", "succeeded"), (inHost.State, inChild.State));
        Assert.Equal(["train"], watch.Ran);
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        Assert.Equal(Oracle.Outputs(ledger, inHost.RunId), Oracle.Outputs(ledger, inChild.RunId));
        Assert.Equal(12, ledger.Series(inChild.RunId).Single(s => s.Key == "loss").Points);
        Assert.Equal([1, 2, 3], ledger.Histograms(inChild.RunId).Single().Counts);
        Assert.Equal([9L, 6L, 3L], ledger.Detail(inChild.RunId).Checkpoints.Select(c => c.Step));
    }

    [Fact]
    public async Task Child_MayPrint_WithoutBreakingTheProtocol()
    {
        var (run, watch) = await RunAsync(ChildThree("print"));
        Assert.Equal("succeeded", run.State);
        Assert.Contains(watch.Logs, l => l.EndsWith("a library talks", StringComparison.Ordinal));
        Assert.Contains("three slots written", watch.Logs);
    }

    [Fact]
    public async Task Child_FailsWithItsMessageAlone_WhenTheUserMustMendSomething()
    {
        var (run, watch) = await RunAsync(ChildThree("user"));
        Assert.Equal(("failed", "user"), (run.State, watch.Failed.Single().Kind));
        Assert.StartsWith("Row 7 of corpus.jsonl", watch.Failed.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_IsTriedAgain_WhenASignalKillsIt()
    {
        var (run, watch) = await RunAsync(ChildThree("crash") with { MaxTries = 2 });
        Assert.Equal("failed", run.State);
        Assert.Equal(["crash", "crash"], watch.Failed.Select(f => f.Kind));
        Assert.Contains("signal 9", watch.Failed[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_LeavesItsLastWords_WhenItAborts()
    {
        var (run, watch) = await RunAsync(ChildThree("abort") with { MaxTries = 1 });
        Assert.Equal("failed", run.State);
        Assert.Contains("SIGABRT", watch.Failed.Single().Message, StringComparison.Ordinal);
        Assert.Contains("libfake: assertion failed", watch.Failed.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_IsKilled_WhenItDoesNotHearThatItIsCancelled()
    {
        var watch = new Watch();
        var service = new RunService(home.Paths, Settings.Options(heartbeatMillis: 20));
        var running = service.RunAsync(ChildThree("deaf").Spec(), new RunRequest("test"), watch, Cancellation);
        await watch.LineAsync(l => l == "deaf", Cancellation);
        Assert.Equal("cancelled", await service.CancelAsync(watch.RunId, "test", "no longer wanted", Cancellation));
        Assert.Equal("cancelled", (await running).State);
    }

    [Fact]
    public async Task Child_AndWhatItStarted_EndWithTheirHost()
    {
        var file = WriteJob(ChildThree("grandchild"));
        await using var host = HostProcess.Start(["go", home.Root, file]);
        var line = await host.LineAsync(l => l.Contains(" pids ", StringComparison.Ordinal), Cancellation);
        host.Signal(Libc.SigKill);
        await host.ExitAsync(Cancellation);
        foreach (var pid in line.Split(' ')[^2..])
        {
            while (Alive(pid))
            {
                await Task.Yield();
                Cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    [Fact]
    public async Task Training_GoesOnFromItsCheckpoint_WhenTheHostIsKilled()
    {
        var job = Corpus.Pipeline(corpus.Root);
        var expected = await Undisturbed.OfAsync(job, Cancellation);
        using var schedule = new Schedule(job);
        await using (var host = schedule.Start("go", "train.step:8:kill"))
        {
            Assert.Equal(137, await host.ExitAsync(Cancellation));
        }

        using var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System);
        var run = ledger.Runs(1).Single();
        Assert.Equal("interrupted", run.State);

        // A point the dead attempt wrote beyond its checkpoint of step 6, and one within it.
        ledger.Write(db =>
        {
            db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, 'train', 'ghost')", run.RunId);
            db.Execute("INSERT INTO metric_point(series_id, step, epoch, ts_us, value) SELECT series_id, 6, 1, 0, 1.0 FROM metric_series WHERE key='ghost'");
            db.Execute("INSERT INTO metric_point(series_id, step, epoch, ts_us, value) SELECT series_id, 7, 1, 0, 1.0 FROM metric_series WHERE key='ghost'");
        });
        var watch = new Watch();
        var outcome = await new RunService(schedule.Home, Settings.Options()).ResumeAsync(run.RunId, new RunRequest("test"), watch, Cancellation);
        Assert.Equal("succeeded", outcome.State);
        Assert.Equal(("train", 2L, 6L), watch.Started.Where(s => s.Node == "train").Select(s => (s.Node, s.Epoch, s.Step ?? 0)).Single());
        Assert.Equal([6L], ledger.Points(ledger.Series(run.RunId).Single(s => s.Key == "ghost").SeriesId).Select(p => p.Step));
        Assert.Equal(expected, Oracle.Outputs(ledger, run.RunId));
        Assert.Empty(await Oracle.AfterAsync(schedule.Home, expected, Cancellation));
    }

    [Fact]
    public async Task Training_UsesTheCheckpointBefore_WhenTheNewestIsDamaged()
    {
        var job = Corpus.Pipeline(corpus.Root);
        var expected = await Undisturbed.OfAsync(job, Cancellation);
        using var schedule = new Schedule(job);
        await using (var host = schedule.Start("go", "train.step:8:kill"))
        {
            await host.ExitAsync(Cancellation);
        }

        using var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System);
        var run = ledger.Runs(1).Single().RunId;
        var newest = ledger.Detail(run).Checkpoints[0];
        var blob = ledger.Read(db => db.Text("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1", newest.ArtifactId))!;
        await File.WriteAllTextAsync(schedule.Home.Blob(blob), "damaged", Cancellation);
        Assert.Equal("succeeded", (await new RunService(schedule.Home, Settings.Options()).ResumeAsync(run, new RunRequest("test"), SilentObserver.Instance, Cancellation)).State);
        Assert.Equal(3, ledger.Detail(run).Nodes.Single(n => n.NodeId == "train").Attempts[^1].ResumedStep);
        Assert.Equal(expected, Oracle.Outputs(ledger, run));
    }

    static FakeJob ChildThree(string fault) => new() { Shape = "child-three", Options = new FakeOptions { Fault = fault } };

    static bool Alive(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    string WriteJob(FakeJob job)
    {
        var file = Path.Combine(corpus.Root, "job.json");
        File.WriteAllText(file, System.Text.Json.JsonSerializer.Serialize(job));
        return file;
    }

    async Task<(RunOutcome Run, Watch Watch)> RunAsync(FakeJob job)
    {
        var watch = new Watch();
        return (await new RunService(home.Paths, Settings.Options()).RunAsync(job.Spec(), new RunRequest("test"), watch, Cancellation), watch);
    }
}
