using FaultHost;
using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Stages;
using Workflow.Tests.Faults;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>Who gets a named slot, and when nobody does. The model is a text; a text that sorts before the current one is worse.</summary>
public sealed class ModelSlotTests : IDisposable
{
    readonly TestHome home = new();
    readonly List<string?> compared = [];
    Action? between;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Slot_TakesTheFirstModel_ThenOnlyOnesThatAreNotWorse()
    {
        var first = await RunAsync("b");
        await RunAsync("a");
        var third = await RunAsync("c");
        Assert.Equal([null, "b", "b"], compared);
        using var ledger = Open();
        Assert.Equal([(2, third.RunId, "not worse than the one before"), (1, first.RunId, "the first model in the slot")], ledger.ModelSlot("best").Select(s => ((int)s.Seq, s.RunId!, s.Reason)));
        Assert.Equal("c", Text(ledger));
        Assert.Equal(["slot.set", "slot.kept", "slot.set"], ledger.Read(db => db.Query("SELECT type FROM event WHERE type LIKE 'slot.%' ORDER BY seq", r => r.Text(0))));

        // The model that was compared with is an input like any other.
        Assert.Equal(1, ledger.Read(db => db.Number("SELECT COUNT(*) FROM edge e JOIN attempt t USING(attempt_id) WHERE t.run_id=?1 AND e.dir='in' AND e.slot='current'", third.RunId)));
    }

    [Fact]
    public async Task Slot_IsSetByAReusedDecision_WhereItHoldsWhatWasComparedWith()
    {
        var first = await RunAsync("b");
        await RunAsync("c");
        Step(first.RunId);
        var again = await RunAsync("c");
        Assert.Equal(2, again.Reused);
        Assert.Equal([null, "b"], compared);
        using (var ledger = Open())
        {
            Assert.Equal("c", Text(ledger));
            Assert.Equal([again.RunId, null], ledger.ModelSlot("best").Take(2).Select(s => s.RunId));
        }

        // c is in the slot: the same model against itself is another question, asked once.
        await RunAsync("c");
        Assert.Equal("c", compared[^1]);
        Assert.Equal(2, (await RunAsync("c")).Reused);
        using var last = Open();
        Assert.Equal(4, last.ModelSlot("best").Count);
    }

    [Fact]
    public async Task Decision_IsMadeAnew_WhenTheSlotMovedMeanwhile()
    {
        var first = await RunAsync("b");
        await RunAsync("d");
        between = () => Step(first.RunId);
        var run = await RunAsync("c");
        Assert.Equal([null, "b", "d", "b"], compared);
        using var ledger = Open();
        Assert.Equal("c", Text(ledger));
        var attempts = ledger.Detail(run.RunId).Nodes.Single(n => n.NodeId == "decide").Attempts;
        Assert.Equal(["failed", "committed"], attempts.Select(a => a.State));
        Assert.Contains("The slot 'best' holds model", ledger.Read(db => db.Text("SELECT error_text FROM attempt WHERE run_id=?1 AND state='failed'", run.RunId)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collect_KeepsTheLastThreeModelsOfASlot_AndLetsOlderOnesGo()
    {
        foreach (var text in new[] { "a", "b", "c", "d" })
        {
            await RunAsync(text);
        }

        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        var models = ledger.ModelSlot("best").Select(s => s.ArtifactId).ToList();
        GarbageCollector.Collect(ledger, new ArtifactStore(home.Paths), TimeSpan.FromDays(-1), TimeSpan.Zero, dryRun: false);
        Assert.Equal([true, true, true, false], models.Select(m => File.Exists(home.Paths.Blob(m))));
    }

    void Step(string run)
    {
        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        var model = ledger.Detail(run).OutputsOf("make")["model"].Id;
        ledger.Write(db => ModelSlots.Set(db, "best", model, null, null, "test", 0, "back"));
    }

    string Text(LedgerDb ledger) =>
        File.ReadAllText(home.Paths.Blob(ledger.Read(db => db.Text("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1", ledger.ModelSlots().Single().ArtifactId))!));

    LedgerDb Open() => LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);

    async Task<RunOutcome> RunAsync(string text)
    {
        var spec = new JobSpec
        {
            Name = "slots",
            Root = home.Root,
            Json = "{}",
            Stages = [Stage("make", new MakeStage(text), text), Stage("decide", new DecideStage(this), "", ("candidate", new("make", "model")), ("current", new("slot:best", "model")))],
        };
        var run = await new RunService(home.Paths, Settings.Options() with { JobFromJson = _ => spec }).RunAsync(spec, new RunRequest("test"), new Watch(), Cancellation);
        Assert.Equal("succeeded", run.State);
        return run;
    }

    static StageSpec Stage(string name, IStage stage, string option, params (string Slot, StageRef From)[] from) => new()
    {
        Name = name,
        Stage = stage,
        Options = new FakeOptions { Text = option },
        SemanticJson = $$"""{"text":"{{option}}"}""",
        OperationalJson = "{}",
        From = from.ToDictionary(f => f.Slot, f => (IReadOnlyList<StageRef>)[f.From], StringComparer.Ordinal),
    };

    sealed class MakeStage(string text) : IStage
    {
        public string Name => "make";

        public string Version => "1";

        public Type OptionsType => typeof(FakeOptions);

        public IReadOnlyList<InputSlot> Inputs => [];

        public IReadOnlyList<string> Outputs => ["model"];

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) => File.WriteAllTextAsync(Path.Combine(context.OutputFolder("model"), "model.txt"), text, cancellationToken);
    }

    sealed class DecideStage(ModelSlotTests test) : IStage
    {
        public string Name => "decide";

        public string Version => "1";

        public Type OptionsType => typeof(FakeOptions);

        public IReadOnlyList<InputSlot> Inputs { get; } = [new("candidate", ["model"]), new("current", ["model"], Optional: true)];

        public IReadOnlyList<string> Outputs => ["decision"];

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken)
        {
            var candidate = File.ReadAllText(context.Artifact("candidate")!.Paths[0]);
            var current = context.Artifact("current") is { } held ? File.ReadAllText(held.Paths[0]) : null;
            test.compared.Add(current);
            context.Meta("decision", "slot", "best");
            context.Meta("decision", "verdict", current is null ? "first" : current == candidate ? "same" : string.CompareOrdinal(candidate, current) >= 0 ? "promote" : "keep");
            var moved = test.between;
            test.between = null;
            moved?.Invoke();
            return Task.CompletedTask;
        }
    }
}
