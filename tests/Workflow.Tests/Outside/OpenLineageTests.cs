using System.Text.Json;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>What homes tell as OpenLineage, held against the rules of its specification.</summary>
public sealed class OpenLineageTests : IDisposable
{
    const string Sinks = "sinks:\n- { name: lineage, kind: openlineage-file, path: lineage.jsonl, from: start }\n";

    readonly OutsideHome home = new(Sinks);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Run_IsToldWithItsStagesPartitionsAndCheckpoints()
    {
        await home.RunAsync(home.Pipeline, Cancellation);
        var told = Told();
        Assert.Empty(OpenLineageRules.Violations(told));

        // One run; three partitions, gather, sort, train; a START and a COMPLETE each; the run's start and the checkpoints between.
        Assert.Equal(7, told.Count(e => Type(e) == "START"));
        Assert.Equal(7, told.Count(e => Type(e) == "COMPLETE"));
        var training = told.Where(e => Type(e) == "RUNNING" && Name(e) == "pipeline.train").Select(e => e.GetProperty("run").GetProperty("facets").GetProperty("workflow_training")).ToList();
        Assert.NotEmpty(training);
        Assert.Equal([3L, 6, 9], training.Select(t => t.GetProperty("step").GetInt64()));

        // What was known when it was told: a heartbeat brings the points.
        Assert.All(training.Select(t => t.GetProperty("metrics")).Where(m => m.TryGetProperty("loss", out _)), m => Assert.InRange(m.GetProperty("loss").GetDouble(), 0, 1));

        var sort = told.Single(e => Name(e) == "pipeline.sort" && Type(e) == "COMPLETE");
        Assert.Equal(["pipeline.read.rows"], Names(sort, "inputs"));
        Assert.Equal(["pipeline.sort.sorted"], Names(sort, "outputs"));
        Assert.Equal(15, sort.GetProperty("outputs")[0].GetProperty("outputFacets").GetProperty("outputStatistics").GetProperty("rowCount").GetInt64());
        Assert.Equal(["pipeline.read.rows"], Names(told.Single(e => Name(e) == "pipeline.sort" && Type(e) == "START"), "inputs"));

        var part = told.First(e => Name(e) == "pipeline.read.partition" && Type(e) == "COMPLETE");
        Assert.Equal("file", part.GetProperty("inputs")[0].GetProperty("namespace").GetString());
        Assert.Equal("partition", part.GetProperty("outputs")[0].GetProperty("outputFacets").GetProperty("subset").GetProperty("outputCondition").GetProperty("type").GetString());
        using var ledger = LedgerDb.OpenRead(home.Home.Paths.Ledger, TimeProvider.System);
        var model = told.Single(e => Name(e) == "pipeline.train" && Type(e) == "COMPLETE").GetProperty("outputs")[0];
        Assert.Equal(ledger.Detail(ledger.ResolveRun("last")).OutputsOf("train")["model"].Id, model.GetProperty("facets").GetProperty("version").GetProperty("datasetVersion").GetString());
    }

    [Fact]
    public async Task Reuse_IsToldWithWhatItWasTakenFrom_AndTheSameVersions()
    {
        await home.RunAsync(home.Pipeline, Cancellation);
        await home.RunAsync(home.Pipeline, Cancellation);
        var told = Told();
        Assert.Empty(OpenLineageRules.Violations(told));
        var taken = told.Where(e => e.GetProperty("run").GetProperty("facets").TryGetProperty("workflow_cache", out _)).ToList();
        Assert.Equal(12, taken.Count);
        var made = told.Where(e => Type(e) == "COMPLETE").Select(RunId).ToHashSet();
        Assert.All(taken, e => Assert.Contains(e.GetProperty("run").GetProperty("facets").GetProperty("workflow_cache").GetProperty("producedBy").GetString()!, made));
        var models = told.Where(e => Name(e) == "pipeline.train" && Type(e) == "COMPLETE").Select(e => e.GetProperty("outputs")[0].GetProperty("facets").GetProperty("version").GetProperty("datasetVersion").GetString());
        Assert.Single(models.Distinct());
        Assert.Equal(2, models.Count());
    }

    [Fact]
    public async Task Failure_IsToldWithItsMessage_AndResumingIsARunOfItsOwn()
    {
        var job = new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "user" } };
        var failed = await home.RunAsync(job, Cancellation);
        Assert.Equal("failed", failed.State);
        var again = await home.Service.ResumeAsync(failed.RunId, new RunRequest("test"), SilentObserver.Instance, Cancellation);
        Assert.Equal("failed", again.State);
        var told = Told();
        Assert.Empty(OpenLineageRules.Violations(told));
        var ends = told.Where(e => Type(e) == "FAIL").ToList();
        Assert.Equal(4, ends.Count);
        Assert.All(ends, e => Assert.Contains("Row 7", e.GetProperty("run").GetProperty("facets").GetProperty("errorMessage").GetProperty("message").GetString(), StringComparison.Ordinal));
        Assert.Equal([failed.RunId], told.Where(e => Name(e) == "three").Select(RunId).Distinct().Where(i => i == failed.RunId));
        Assert.Equal(2, told.Where(e => Name(e) == "three").Select(RunId).Distinct().Count());
    }

    [Theory]
    [InlineData("claim.after:1")]
    [InlineData("work.end:1")]
    [InlineData("publish.after:1")]
    [InlineData("commit.inside:1")]
    [InlineData("commit.after:1")]
    public async Task KilledWorker_IsToldAsFailed_ByWhoeverTakesOver(string point)
    {
        using var corpus = new TestHome();
        var job = Path.Combine(corpus.Root, "job.json");
        await File.WriteAllTextAsync(job, new FakeJob { Shape = "three" }.Spec().Json, Cancellation);
        await using (var first = HostProcess.Start(["go", home.Root, job], new Dictionary<string, string> { ["WORKFLOW_CHAOS"] = $"{point}:kill" }))
        {
            Assert.NotEqual(0, await first.ExitAsync(Cancellation));
        }

        await using (var second = HostProcess.Start(["go", home.Root, job]))
        {
            Assert.Equal(0, await second.ExitAsync(Cancellation));
        }

        var told = Told();
        Assert.Empty(OpenLineageRules.Violations(told));
        var committed = point is "commit.after:1";
        Assert.Equal(committed ? 0 : 1, told.DistinctBy(OpenLineageRules.Key).Count(e => Type(e) == "FAIL"));
    }

    [Fact]
    public async Task Sink_ThatBeginsLate_TellsNoEndWithoutItsBeginning()
    {
        await home.RunAsync(home.Pipeline, Cancellation);
        using var ledger = LedgerDb.Open(home.Home.Paths.Ledger, TimeProvider.System);
        var last = ledger.Read(db => db.Number("SELECT MAX(seq) FROM event"));
        var run = ledger.ResolveRun("last");
        for (var after = 0L; after < last; after++)
        {
            var source = new Workflow.Outside.OpenLineage.OpenLineageSource("workflow://test", after);
            var told = ledger.Read(db => ledger.Events(run).SelectMany(e => source.Messages(db, e)).ToList());
            var types = told.Select(m => JsonDocument.Parse(m.Body).RootElement).GroupBy(RunId).Select(g => g.Select(Type).ToList()).ToList();
            Assert.All(types, t => Assert.Equal("START", t[0]));
            Assert.All(types, t => Assert.Single(t, "START"));
            Assert.All(types, t => Assert.Equal("COMPLETE", t[^1]));
            Assert.Equal(told.Count, told.Select(m => m.Key).Distinct().Count());
        }
    }

    List<JsonElement> Told() => [.. File.ReadLines(Path.Combine(home.Root, "lineage.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];

    static string Type(JsonElement e) => e.GetProperty("eventType").GetString()!;

    static string Name(JsonElement e) => e.GetProperty("job").GetProperty("name").GetString()!;

    static string RunId(JsonElement e) => e.GetProperty("run").GetProperty("runId").GetString()!;

    static IEnumerable<string?> Names(JsonElement e, string list) => e.GetProperty(list).EnumerateArray().Select(d => d.GetProperty("name").GetString());
}
