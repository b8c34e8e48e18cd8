using FaultHost;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Tests.Faults;
using Xunit;

namespace Workflow.Tests.Runs;

/// <summary>Runs of fake stages: what is reused, why not, what fails how, what is refused.</summary>
public sealed class RunServiceTests : IDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    RunService Service => new(home.Paths, Settings.Options());

    public void Dispose()
    {
        home.Dispose();
        corpus.Dispose();
    }

    [Fact]
    public async Task Run_ReusesEveryNode_WhenNothingChanged()
    {
        var job = Corpus.Pipeline(corpus.Root);
        var (first, _) = await RunAsync(job);
        var (second, watch) = await RunAsync(job);
        Assert.Equal(6, second.Reused);
        Assert.Empty(watch.Ran);
        using var ledger = Open();
        Assert.Equal(Oracle.Outputs(ledger, first.RunId), Oracle.Outputs(ledger, second.RunId));
        Assert.All(ledger.Why(second.RunId, "sort"), w => Assert.Equal(("hit", first.RunId), (w.Result, w.ReusedFromRun)));
    }

    [Fact]
    public async Task Run_RepeatsOnlyTheChangedPartitionAndItsDownstream_WhenOneRowChanged()
    {
        var job = Corpus.Pipeline(corpus.Root);
        await RunAsync(job);
        await File.AppendAllTextAsync(Path.Combine(corpus.Root, "in", "b.txt"), "b row new\n", Cancellation);
        var (run, watch) = await RunAsync(job);
        Assert.Equal(["read", "read/b", "sort", "train"], watch.Ran.Order(StringComparer.Ordinal));
        Assert.Equal(["read/a", "read/c"], watch.Reused.Order(StringComparer.Ordinal));
        using var ledger = Open();
        Assert.Contains(ledger.Why(run.RunId, "read/b").Single().Differences, d => d.Text == "file in/b.txt changed");
        Assert.Contains(ledger.Why(run.RunId, "sort").Single().Differences, d => d.Text == "input rows changed: member b.rows");
    }

    [Fact]
    public async Task Run_RepeatsTheStageAndItsDownstream_WhenOneOptionChanged()
    {
        var job = Corpus.Pipeline(corpus.Root);
        await RunAsync(job);
        var (run, watch) = await RunAsync(job with { Of = new() { ["train"] = job.Options with { Rate = 0.07 } } });
        Assert.Equal(["train"], watch.Ran);
        using var ledger = Open();
        Assert.Equal("options.rate 0.05 -> 0.07", ledger.Why(run.RunId, "train").Single().Differences.Single().Text);
    }

    [Fact]
    public async Task Run_RepeatsTheStageAlone_WhenItsVersionChangedButItsBytesDid_Not()
    {
        var job = Corpus.Pipeline(corpus.Root);
        await RunAsync(job);
        var (run, watch) = await RunAsync(job with { Versions = new() { ["sort"] = "2" } });
        Assert.Equal(["sort"], watch.Ran);
        Assert.Contains("train", watch.Reused);
        using var ledger = Open();
        Assert.Equal("stage version 1 -> 2", ledger.Why(run.RunId, "sort").Single().Differences.Single().Text);
    }

    [Fact]
    public async Task Run_FailsOnceWithTheMessageAlone_WhenTheUserMustMendSomething()
    {
        var (run, watch) = await RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "user" } });
        Assert.Equal("failed", run.State);
        Assert.Equal(("three", "user"), (watch.Failed.Single().Node, watch.Failed.Single().Kind));
        Assert.StartsWith("Row 7 of corpus.jsonl is not JSON.", watch.Failed.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TriesAgainUpToTheLimit_WhenAStageHasABug()
    {
        var (run, watch) = await RunAsync(new FakeJob { Shape = "three", MaxTries = 3, Options = new FakeOptions { Fault = "error" } });
        Assert.Equal("failed", run.State);
        Assert.Equal(3, watch.Failed.Count);
        using var ledger = Open();
        var node = ledger.Detail(run.RunId).Nodes.Single();
        Assert.Equal((3, 3, "failed"), (node.Tries, node.Attempts.Count, node.State));
    }

    [Fact]
    public async Task Resume_ComputesADamagedInputAgain_AfterItFailedItsConsumer()
    {
        var job = Corpus.Pipeline(corpus.Root);
        var (first, _) = await RunAsync(job);
        using var ledger = Open();
        var sorted = ledger.Detail(first.RunId).OutputsOf("sort")["sorted"];
        var blob = ledger.Read(db => db.Text("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1", sorted.Id))!;
        var bytes = await File.ReadAllBytesAsync(home.Paths.Blob(blob), Cancellation);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(home.Paths.Blob(blob), bytes, Cancellation);

        Assert.Equal(("damaged", "sort", "sorted.txt"), Verifier.Verify(ledger, new ArtifactStore(home.Paths), null, false, null, Cancellation).Problems.Select(p => (p.Problem, p.NodeId, p.File)).Single());
        var changed = job with { Of = new() { ["train"] = job.Options with { Rate = 0.07 } } };
        var (failed, watch) = await RunAsync(changed);
        Assert.Equal("failed", failed.State);
        var fault = watch.Failed.Single();
        Assert.Equal("corrupt_input", fault.Kind);
        Assert.All(new[] { blob, "sorted.txt", first.RunId, "published by sort" }, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));

        var resumed = await Service.ResumeAsync(failed.RunId, new RunRequest("test"), watch = new Watch(), Cancellation);
        Assert.Equal("succeeded", resumed.State);
        Assert.Equal(["sort", "train"], watch.Ran);
        Assert.True(Verifier.Verify(ledger, new ArtifactStore(home.Paths), null, false, null, Cancellation).Clean);
    }

    [Fact]
    public async Task Resume_RunsOnlyTheMendedPartition_AfterABadOneFailed()
    {
        var job = Corpus.Pipeline(corpus.Root);
        Directory.CreateDirectory(Path.Combine(corpus.Root, "in"));
        var bad = Path.Combine(corpus.Root, "in", "b.txt");
        var (run, _) = await RunAsync(job with { MaxTries = 1, TimeoutSeconds = null, Versions = [] }, beforeRead: () =>
        {
            // A file that changes between planning and reading is noticed by real readers; here it simply goes away.
            File.Delete(bad);
        });
        Assert.Equal("partial", run.State);
        await File.WriteAllLinesAsync(bad, ["b row mended"], Cancellation);
        var watch = new Watch();
        var resumed = await Service.ResumeAsync(run.RunId, new RunRequest("test"), watch, Cancellation);
        Assert.Equal(("succeeded", run.RunId), (resumed.State, resumed.RunId));
        Assert.DoesNotContain("read/a", watch.Ran);
        Assert.Contains("read/b", watch.Ran);
    }

    [Fact]
    public async Task Resume_IsRefused_WhenAFileOfAFinishedStageChanged()
    {
        var job = Corpus.Pipeline(corpus.Root) with { Of = new() { ["train"] = new FakeOptions { Folder = "in", Steps = 0, Every = 0 } } };
        var (run, _) = await RunAsync(job with { Of = new() { ["sort"] = new FakeOptions { Folder = "none" } }, MaxTries = 1 });
        await File.AppendAllTextAsync(Path.Combine(corpus.Root, "in", "a.txt"), "more\n", Cancellation);
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => Service.ResumeAsync(run.RunId, new RunRequest("test"), new Watch(), Cancellation));
        Assert.Contains("in/a.txt", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_LeavesFilesThatCameSinceToTheNextRun_WhereTheirStageIsDone()
    {
        var job = Corpus.Pipeline(corpus.Root);
        var (run, _) = await RunAsync(job with { Of = new() { ["train"] = job.Options with { Every = 0 } }, MaxTries = 1 });
        Assert.Equal("failed", run.State);
        await File.WriteAllTextAsync(Path.Combine(corpus.Root, "in", "late.txt"), "late row\n", Cancellation);
        using (var ledger = Open())
        {
            ledger.Write(db => db.Execute("UPDATE run SET job_json=?1", job.Spec().Json));
        }

        var watch = new Watch();
        var resumed = await Service.ResumeAsync(run.RunId, new RunRequest("test"), watch, Cancellation);
        Assert.Equal("succeeded", resumed.State);
        Assert.Equal(["train"], watch.Ran);
        var (next, again) = await RunAsync(job);
        Assert.Equal("succeeded", next.State);
        Assert.Equal(["read", "read/late", "sort", "train"], again.Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Checkpoints_KeepTheLastTwoAndTheBest()
    {
        var job = Corpus.Pipeline(corpus.Root) with { Of = new() { ["train"] = new FakeOptions { Folder = "in", Steps = 40, Every = 4 } } };
        var (run, _) = await RunAsync(job);
        using var ledger = Open();
        var rows = ledger.Detail(run.RunId).Checkpoints;
        Assert.Equal(9, rows.Count);
        var best = rows.MaxBy(c => (c.Metric, -c.Step))!;
        Assert.Equal(new[] { 32L, 36L, best.Step }.Distinct().Order(), rows.Where(c => c.Kept).Select(c => c.Step).Order());
        Assert.Equal(best.Step, rows.Single(c => c.Best).Step);
    }

    [Fact]
    public async Task Collect_KeepsWhatIsReachable_AndCollectsTheRest()
    {
        var job = Corpus.Pipeline(corpus.Root) with { Of = new() { ["train"] = new FakeOptions { Folder = "in", Steps = 40, Every = 4 } } };
        var (run, _) = await RunAsync(job);
        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        var store = new ArtifactStore(home.Paths);
        var look = GarbageCollector.Collect(ledger, store, TimeSpan.FromDays(1), TimeSpan.FromHours(1), dryRun: true);
        Assert.True(look.Doomed > 0);
        var marked = GarbageCollector.Collect(ledger, store, TimeSpan.FromDays(1), TimeSpan.FromHours(1), dryRun: false);
        Assert.Equal((look.Doomed, 0), (marked.Doomed, marked.Deleted));
        var gone = GarbageCollector.Collect(ledger, store, TimeSpan.FromDays(1), TimeSpan.Zero, dryRun: false);
        Assert.Equal(look.Doomed, gone.Deleted);
        Assert.True(Verifier.Verify(ledger, store, null, false, null, Cancellation).Clean);

        var all = GarbageCollector.Collect(ledger, store, TimeSpan.FromDays(-1), TimeSpan.Zero, dryRun: false);
        Assert.True(all.Deleted > 0);
        var (again, watch) = await RunAsync(job);
        Assert.Equal("succeeded", again.State);
        Assert.Contains("train", watch.Ran);
        Assert.Equal(Oracle.Outputs(ledger, run.RunId), Oracle.Outputs(ledger, again.RunId));
    }

    [Fact]
    public async Task Second_IsRefusedWithThePid_WhileTheFirstRuns()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var watch = new Watch();
        var first = Service.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } }.Spec(), new RunRequest("test"), watch, stop.Token);
        await watch.LineAsync(l => l == "hanging", Cancellation);
        await using var second = HostProcess.Start(["serve", home.Root]);
        Assert.Equal(1, await second.ExitAsync(Cancellation));
        Assert.Contains($"pid {Environment.ProcessId}", second.Said, StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal("interrupted", (await first).State);
    }

    [Fact]
    public async Task Cancel_EndsTheRun_AndResumeGoesOnWithIt()
    {
        var watch = new Watch();
        var service = new RunService(home.Paths, Settings.Options(heartbeatMillis: 20));
        var running = service.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } }.Spec(), new RunRequest("test"), watch, Cancellation);
        await watch.LineAsync(l => l == "hanging", Cancellation);
        Assert.Equal("cancelled", await service.CancelAsync(watch.RunId, "test", "no longer wanted", Cancellation));
        Assert.Equal("cancelled", (await running).State);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var resumedWatch = new Watch();
        var resumed = service.ResumeAsync(watch.RunId, new RunRequest("test"), resumedWatch, stop.Token);
        await resumedWatch.LineAsync(l => l == "hanging", Cancellation);
        await stop.CancelAsync();
        Assert.Equal("interrupted", (await resumed).State);
        Assert.Equal("cancelled", await service.CancelAsync(watch.RunId, "test", "no longer wanted", Cancellation));
    }

    [Fact]
    public async Task Cancel_EndsAnInterruptedRun_WhileAnotherRuns()
    {
        var hang = new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } }.Spec();
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var watch = new Watch();
            var running = Service.RunAsync(hang, new RunRequest("test"), watch, stop.Token);
            await watch.LineAsync(l => l == "hanging", Cancellation);
            if (ids is [var interrupted])
            {
                Assert.Equal("cancelled", await Service.CancelAsync(interrupted, "test", "no longer wanted", Cancellation));
            }

            ids.Add(watch.RunId);
            await stop.CancelAsync();
            Assert.Equal("interrupted", (await running).State);
        }
    }

    [Fact]
    public async Task Timeout_StopsTheAttempt_AndCountsATry()
    {
        var (run, watch) = await RunAsync(new FakeJob { Shape = "three", MaxTries = 2, TimeoutSeconds = 0.05, Options = new FakeOptions { Fault = "hang" } });
        Assert.Equal("failed", run.State);
        Assert.Equal(["timeout", "timeout"], watch.Failed.Select(f => f.Kind));
    }

    [Fact]
    public async Task Serve_TakesRunsAndCancels_OfOtherProcesses()
    {
        await using var server = HostProcess.Start(["serve", home.Root], new Dictionary<string, string> { ["FAULT_HEARTBEAT_MS"] = "20" });
        await WaitForHolderAsync();
        var (run, watch) = await RunAsync(Corpus.Pipeline(corpus.Root));
        Assert.Equal("succeeded", run.State);
        Assert.Equal(6, watch.Ran.Count);

        var hanging = new Watch();
        var id = TimeProvider.System.NewId();
        var second = Service.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } }.Spec(), new RunRequest("test", RunId: id), hanging, Cancellation);
        await server.LineAsync(l => l == "log three hanging", Cancellation);
        Assert.Equal("cancelled", await Service.CancelAsync(id, "test", "no longer wanted", Cancellation));
        Assert.Equal("cancelled", (await second).State);
    }

    async Task WaitForHolderAsync()
    {
        while (HomeLock.Holder(home.Paths) is null)
        {
            await Task.Delay(10, Cancellation);
        }
    }

    LedgerDb Open() => LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);

    async Task<(RunOutcome Run, Watch Watch)> RunAsync(FakeJob job, Action? beforeRead = null)
    {
        var watch = new Watch();
        var spec = job.Spec();
        if (beforeRead is not null)
        {
            spec = spec with { Stages = [.. spec.Stages.Select(s => s.Name == "read" ? s with { Stage = new HookedStage(s.Stage, beforeRead) } : s)] };
        }

        var service = beforeRead is null ? Service : new RunService(home.Paths, Settings.Options() with { JobFromJson = _ => spec });
        return (await service.RunAsync(spec, new RunRequest("test"), watch, Cancellation), watch);
    }
}
