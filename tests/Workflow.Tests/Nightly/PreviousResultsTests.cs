using FaultHost;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Stages;
using Workflow.Tests.Faults;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>What a stage is given of its last run, when it is given nothing, and what `why` says of it. The stage counts the words of its file; a word counted before is not counted again.</summary>
public sealed class PreviousResultsTests : IDisposable
{
    readonly TestHome home = new();
    string version = "1";
    int length = 3;
    string job = "count";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Words => Path.Combine(home.Root, "words.txt");

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Stage_TakesOldResultsOver_AndWhySaysHowMany()
    {
        var first = await RunAsync("one two");
        var second = await RunAsync("one two three");
        Assert.Equal($"1 of 3 words counted anew, 2 taken from run {first}", Reuse(second).Text);
        Assert.Equal("2 of 2 words counted anew", Reuse(first).Text);

        // Nothing new: the whole node is reused, and there is nothing to say.
        var third = await RunAsync("one two three");
        using (var ledger = Open())
        {
            Assert.Equal(("hit", 0), ledger.Why(third, "count").Select(w => (w.Result, w.Reuse.Count)).Single());
        }

        // Going back to what is memoised makes that the last run again.
        await RunAsync("one two");
        var last = await RunAsync("one two four");
        Assert.Equal($"1 of 3 words counted anew, 2 taken from run {first}", Reuse(last).Text);
    }

    [Theory]
    [InlineData("option")]
    [InlineData("version")]
    [InlineData("job")]
    [InlineData("damaged")]
    [InlineData("gone")]
    public async Task Stage_IsGivenNothing_WhenTheLastRunAnswersAnotherQuestionOrItsBytesAreNotSound(string change)
    {
        var first = await RunAsync("one two");
        switch (change)
        {
            case "option":
                length = 2;
                break;
            case "version":
                version = "2";
                break;
            case "job":
                job = "other";
                break;
            default:
                using (var ledger = Open())
                {
                    var blob = ledger.Read(db => db.Text("SELECT m.blob_hash FROM edge e JOIN artifact_member m USING(artifact_id) JOIN attempt t USING(attempt_id) WHERE t.run_id=?1 AND e.dir='out'", first))!;
                    if (change == "gone")
                    {
                        File.Delete(home.Paths.Blob(blob));
                    }
                    else
                    {
                        File.WriteAllText(home.Paths.Blob(blob), "one 9\n");
                    }
                }

                break;
        }

        Assert.Equal("3 of 3 words counted anew", Reuse(await RunAsync("one two three")).Text);
    }

    ReuseCount Reuse(string run)
    {
        using var ledger = Open();
        return ledger.Why(run, "count").Single().Reuse.Single();
    }

    LedgerDb Open() => LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);

    async Task<string> RunAsync(string words)
    {
        await File.WriteAllTextAsync(Words, words, Cancellation);
        var stage = new CountStage(Words, version);
        var options = new FakeOptions();
        var spec = new JobSpec
        {
            Name = job,
            Root = home.Root,
            Json = "{}",
            Stages = [new StageSpec { Name = "count", Stage = stage, Options = options, SemanticJson = $$"""{"length":{{length}}}""", OperationalJson = "{}", From = new Dictionary<string, IReadOnlyList<StageRef>>() }],
        };
        var run = await new RunService(home.Paths, Settings.Options() with { JobFromJson = _ => spec }).RunAsync(spec, new RunRequest("test"), new Watch(), Cancellation);
        Assert.Equal("succeeded", run.State);
        return run.RunId;
    }

    sealed class CountStage(string file, string version) : IStage
    {
        public string Name => "count";

        public string Version => version;

        public Type OptionsType => typeof(FakeOptions);

        public IReadOnlyList<InputSlot> Inputs => [];

        public IReadOnlyList<string> Outputs => ["counts"];

        public bool ChildProcess => false;

        public IReadOnlyList<string> TakesOver(StagePartition? partition) => ["counts"];

        public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan) => [new(file, "words.txt", plan.Hash(file))];

        public Task RunAsync(StageContext context, CancellationToken cancellationToken)
        {
            var words = File.ReadAllText(context.Files[0].Path).Split(' ');
            var known = context.Previous is { } previous ? File.ReadLines(previous.Slots["counts"].Paths[0]).ToDictionary(l => l.Split(' ')[0], StringComparer.Ordinal) : [];
            File.WriteAllLines(Path.Combine(context.OutputFolder("counts"), "counts.txt"), words.Select(w => known.GetValueOrDefault(w) ?? $"{w} {w.Length}"));
            context.CountReuse("words counted anew", words.Length, words.Count(w => !known.ContainsKey(w)));
            return Task.CompletedTask;
        }
    }
}
