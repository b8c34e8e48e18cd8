using System.Net.Sockets;
using DataPrep;
using FaultHost;
using Workflow.Engine;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Tests.Faults;
using Xunit;

namespace Workflow.Tests.Runs;

/// <summary>How often what is tried again, who goes first, what is stopped, and what a restart computes.</summary>
public sealed class DispatcherTests : IDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();

    public static TheoryData<Exception, int, string, string> Faults => new()
    {
        { new HttpRequestException("502"), 5, "transient", "transient" },
        { new SocketException(), 5, "transient", "transient" },
        { new IOException("the share went away"), 5, "transient", "transient" },
        { new InsufficientMemoryException(), 3, "out_of_memory", "resource" },
        { new InvalidOperationException("CUDA out of memory. Tried to allocate 2 GiB"), 3, "out_of_memory", "resource" },
        { new InvalidOperationException("a bug"), 3, "error", "code" },
        { new DataPrepException("row 7 is not JSON"), 1, "user", "data" },
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        home.Dispose();
        corpus.Dispose();
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Node_IsTriedAsOftenAsItsFaultsClassAllows(Exception fault, int tries, string kind, string errorClass)
    {
        var (run, watch) = await RunAsync(Three(() => throw fault));
        Assert.Equal("failed", run.State);
        Assert.Equal(Enumerable.Repeat(kind, tries), watch.Failed.Select(f => f.Kind));
        Assert.Equal(Enumerable.Repeat(errorClass, tries), Column("SELECT error_class FROM attempt ORDER BY epoch"));
    }

    [Fact]
    public async Task Classes_AreCountedApart_AndTogetherOnlyWhereMaxTriesSays()
    {
        var faults = new Queue<Exception>([new IOException("lost"), new InsufficientMemoryException(), new IOException("lost"), new InvalidOperationException("a bug"), new InsufficientMemoryException()]);
        Action fail = () =>
        {
            if (faults.TryDequeue(out var fault))
            {
                throw fault;
            }
        };
        var (run, watch) = await RunAsync(Three(fail));
        Assert.Equal("succeeded", run.State);
        Assert.Equal(5, watch.Failed.Count);

        faults = new Queue<Exception>([new IOException("lost"), new InsufficientMemoryException(), new IOException("lost")]);
        var (capped, _) = await RunAsync(Three(fail, s => s with { MaxTries = 2, SemanticJson = "{\"other\":1}" }));
        Assert.Equal("failed", capped.State);
        Assert.Single(faults);
    }

    [Fact]
    public async Task Policy_OfTheStageCounts()
    {
        var (_, watch) = await RunAsync(Three(() => throw new HttpRequestException("502"), s => s with { Retry = new RetryPolicy { Transient = 2 } }));
        Assert.Equal(2, watch.Failed.Count);
    }

    [Fact]
    public async Task Resume_CountsTriesAnew()
    {
        var tries = 0;
        var job = Three(() =>
        {
            if (++tries < 5)
            {
                throw new InvalidOperationException("a bug");
            }
        });
        var (run, _) = await RunAsync(job);
        Assert.Equal("failed", run.State);
        var watch = new Watch();
        var resumed = await Service(job).ResumeAsync(run.RunId, new RunRequest("test"), watch, Cancellation);
        Assert.Equal(("succeeded", 1), (resumed.State, watch.Failed.Count));
    }

    [Fact]
    public void Wait_DoublesUpToItsLimit_MovedByTheJitterAlone()
    {
        var policy = new RetryPolicy { Wait = TimeSpan.FromSeconds(2), WaitLimit = TimeSpan.FromSeconds(30), Jitter = 0.25 };
        var shares = new HashSet<double>();
        for (var faults = 1; faults < 40; faults++)
        {
            var full = Math.Min(2 * Math.Pow(2, faults - 1), 30);
            var claim = new Claim("a", "run", "node", faults, "", null);
            var wait = Retries.Wait(policy, Settings.Options(), claim, faults).TotalSeconds;
            Assert.InRange(wait, full * 0.75, full * 1.25);
            Assert.Equal(wait, Retries.Wait(policy, Settings.Options(), claim, faults).TotalSeconds);
            shares.Add(Math.Round(wait / full, 6));
        }

        Assert.True(shares.Count > 30, "the jitter hardly differs");
    }

    [Fact]
    public async Task Attempt_IsStoppedAndTriedAgain_WhenItSaysNothing()
    {
        var job = new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } }.Spec();
        job = job with { Stages = [job.Stages[0] with { Stall = TimeSpan.FromMilliseconds(60), Retry = new RetryPolicy { Transient = 2 } }] };
        var (run, watch) = await RunAsync(job);
        Assert.Equal("failed", run.State);
        Assert.Equal(["stalled", "stalled"], watch.Failed.Select(f => f.Kind));
        Assert.Equal(["timed_out transient", "timed_out transient"], Column("SELECT state || ' ' || error_class FROM attempt"));
    }

    [Fact]
    public async Task Node_Fails_WhenItsProcessWasLostTooOften()
    {
        await OnDispatcherAsync(Settings.Options(), async (opened, dispatcher) =>
        {
            var id = new RunRows(opened).Create(new FakeJob { Shape = "three" }.Spec(), new RunRequest("test"));
            opened.Ledger.Write(db => db.Execute("UPDATE node SET infra_losses=20"));
            Assert.Equal("failed", await dispatcher.Start(id, new Watch()));
        });
        Assert.Equal(["three: its process was lost 20 times"], Column("SELECT error_text FROM run"));
        Assert.Empty(Column("SELECT attempt_id FROM attempt"));
    }

    [Theory]
    [InlineData(600, "c a b")]
    [InlineData(1e-6, "a b c")]
    public async Task Queue_TakesTheHigherPriorityFirst_UntilWaitingOutweighsIt(double ageingSeconds, string expected)
    {
        var order = new List<string>();
        await OnDispatcherAsync(Settings.Options() with { Ageing = TimeSpan.FromSeconds(ageingSeconds) }, async (opened, dispatcher) =>
        {
            var rows = new RunRows(opened);
            var ids = new[] { ("a", 0), ("b", 0), ("c", 2) }.Select(r => (Name: r.Item1, Id: rows.Create(
                new FakeJob { Shape = "three", Options = new FakeOptions { Text = r.Item1 } }.Spec(), new RunRequest("test") { Priority = r.Item2 }))).ToList();
            await Task.WhenAll(ids.Select(r => dispatcher.Start(r.Id, new Watch())));
            order.AddRange(Column("SELECT run_id FROM attempt ORDER BY started_us, rowid").Select(id => ids.Single(r => r.Id == id).Name));
        }, start: false);
        Assert.Equal(expected, string.Join(' ', order));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Runs_ThatWantTheSame_ComputeItOnce(int slots)
    {
        var job = Corpus.Pipeline(corpus.Root).Spec();
        var options = Settings.Options() with { JobFromJson = _ => job, Slots = new Dictionary<string, int>(StringComparer.Ordinal) { ["cpu"] = slots } };
        await OnDispatcherAsync(options, async (opened, dispatcher) =>
        {
            var rows = new RunRows(opened);
            var ids = Enumerable.Range(0, 4).Select(_ => rows.Create(job, new RunRequest("test"))).ToList();
            Assert.All(await Task.WhenAll(ids.Select(id => dispatcher.Start(id, new Watch()))), state => Assert.Equal("succeeded", state));
        }, start: false);
        Assert.Equal(["6 18"], Column("SELECT SUM(state='succeeded') || ' ' || SUM(state='reused') FROM node"));
        Assert.Equal(6, Column("SELECT attempt_id FROM attempt").Count);
    }

    [Fact]
    public async Task Interruption_TakesItsNodesOutOfTheQueue_AndResumePutsThemBack()
    {
        var job = Corpus.Pipeline(corpus.Root).Spec();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var hooked = job with { Stages = [.. job.Stages.Select(s => s.Name == "read" ? s with { Stage = new HookedStage(s.Stage, stop.Cancel) } : s)] };
        var run = await Service(hooked).RunAsync(hooked, new RunRequest("test"), new Watch(), stop.Token);
        Assert.Equal("interrupted", run.State);
        Assert.Empty(Column("SELECT node_id FROM node WHERE state IN('ready','retry_wait','running')"));
        Assert.Equal("succeeded", (await Service(job).ResumeAsync(run.RunId, new RunRequest("test"), new Watch(), Cancellation)).State);
    }

    [Fact]
    public async Task Restart_ComputesTheStageAndWhatFollows_WhateverTheMemoHolds()
    {
        var job = Corpus.Pipeline(corpus.Root).Spec();
        var (first, _) = await RunAsync(job);
        var watch = new Watch();
        var second = await Service(job).RestartAsync(first.RunId, "sort", new RunRequest("test", Reason: "look again"), watch, Cancellation);
        Assert.Equal("succeeded", second.State);
        Assert.Equal(["sort", "train"], watch.Ran);
        Assert.Equal(["read", "read/a", "read/b", "read/c"], watch.Reused.Order(StringComparer.Ordinal));
        Assert.Equal([$"{first.RunId} resume look again"], Column($"SELECT resume_of || ' ' || trigger_kind || ' ' || reason FROM run WHERE run_id='{second.RunId}'"));
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        Assert.Equal(Oracle.Outputs(ledger, first.RunId), Oracle.Outputs(ledger, second.RunId));
        var unknown = await Assert.ThrowsAsync<WorkflowException>(() => Service(job).RestartAsync(first.RunId, "sorted", new RunRequest("test"), new Watch(), Cancellation));
        Assert.Contains("has no stage 'sorted'; did you mean 'sort'?", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_EndsARunItCannotGoOnWith_AndServesTheOthers()
    {
        var job = Corpus.Pipeline(corpus.Root).Spec();
        string id;
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var hooked = job with { Stages = [.. job.Stages.Select(s => s.Name == "sort" ? s with { Stage = new HookedStage(s.Stage, stop.Cancel) } : s)] };
            using var opened = new Home(home.Paths, Settings.Options() with { JobFromJson = _ => hooked }, "serve");
            id = new RunRows(opened).Create(job, new RunRequest("test"));
            await using var engine = new InlineEngine(TimeProvider.System);
            var dispatcher = new Dispatcher(opened, engine);
            var ended = dispatcher.Start(id, new Watch());
            await dispatcher.RunAsync(stop.Token);
            Assert.Equal("interrupted", await ended);
        }

        foreach (var file in Directory.GetFiles(Path.Combine(corpus.Root, "in")))
        {
            await File.AppendAllTextAsync(file, "changed\n", Cancellation);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var service = Service(job);
        var serving = service.ServeAsync(_ => new Watch(), end.Token);
        while (HomeLock.Holder(home.Paths)?.Role != "serve")
        {
            await Task.Delay(10, Cancellation);
        }

        var fresh = await service.RunAsync(job with { Seed = 5 }, new RunRequest("test"), new Watch(), Cancellation);
        await end.CancelAsync();
        await serving;
        Assert.Equal("succeeded", fresh.State);
        Assert.Equal(["failed"], Column($"SELECT state FROM run WHERE run_id='{id}' AND error_text LIKE '%what it read has changed since%'"));
    }

    static JobSpec Three(Action before, Func<StageSpec, StageSpec>? change = null)
    {
        var job = new FakeJob { Shape = "three" }.Spec();
        var stage = job.Stages[0] with { Stage = new HookedStage(job.Stages[0].Stage, before), MaxTries = null };
        return job with { Stages = [change?.Invoke(stage) ?? stage] };
    }

    RunService Service(JobSpec job) => new(home.Paths, Settings.Options(heartbeatMillis: 20) with { JobFromJson = _ => job });

    async Task<(RunOutcome Run, Watch Watch)> RunAsync(JobSpec job)
    {
        var watch = new Watch();
        return (await Service(job).RunAsync(job, new RunRequest("test"), watch, Cancellation), watch);
    }

    async Task OnDispatcherAsync(HostOptions options, Func<Home, Dispatcher, Task> body, bool start = true)
    {
        using var opened = new Home(home.Paths, options, "serve");
        await using var engine = new InlineEngine(TimeProvider.System);
        await engine.StartAsync(Cancellation);
        var dispatcher = new Dispatcher(opened, engine);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var loop = start ? dispatcher.RunAsync(stop.Token) : Task.CompletedTask;
        var work = body(opened, dispatcher);
        loop = start ? loop : dispatcher.RunAsync(stop.Token);
        await work;
        await stop.CancelAsync();
        await loop;
    }

    List<string> Column(string sql)
    {
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        return ledger.Read(db => db.Query(sql, r => r.Text(0)));
    }
}
