using Workflow.Cli;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>Versions of data sets, made by runs that really execute, and the runs of other jobs that they ring.</summary>
public sealed class DatasetTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("workflow-datasets-").FullName;

    public DatasetTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "jobs"));
        File.WriteAllText(Path.Combine(folder, "jobs", "import.yaml"), """
            job: import
            datasets: { texts: documents }
            parameters: { text: { default: one } }
            stages:
              documents: { uses: write, with: { text: "${text}" } }
            """);
        File.WriteAllText(Path.Combine(folder, "jobs", "learn.yaml"), """
            job: learn
            schedules: { fresh: { on: { dataset: texts } } }
            stages:
              documents: { uses: write, with: { text: learned } }
            """);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<string> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(new StageTable([new WriteStage()]), TimeProvider.System, output, error, folder);
        var code = await CommandLine.RunAsync([.. arguments, "--home", Path.Combine(folder, "home")], context, TestContext.Current.CancellationToken);
        Assert.True(code == 0, error.ToString());
        return output.ToString();
    }

    Task<string> SqlAsync(string sql) => SqliteShell.RunAsync(Path.Combine(folder, "home", "ledger.db"), sql, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Commit_MakesAVersion_OnlyWhereTheContentIsAnother_AndReuseDoesToo()
    {
        await RunAsync("run", "jobs/import.yaml");
        await RunAsync("run", "jobs/import.yaml");
        Assert.Equal("1", await SqlAsync("SELECT COUNT(*) FROM dataset_version"));
        await RunAsync("run", "jobs/import.yaml", "--set", "text=two");

        // Back to the first text: nothing is computed, yet the data set has changed.
        await RunAsync("run", "jobs/import.yaml");
        Assert.Equal("texts 1\ntexts 2\ntexts 3", await SqlAsync("SELECT dataset || ' ' || seq FROM dataset_version ORDER BY seq"));
        Assert.Equal("1|0", await SqlAsync("SELECT (a.version = c.version) || '|' || (a.version = b.version) FROM dataset_version a, dataset_version b, dataset_version c WHERE a.seq=1 AND b.seq=2 AND c.seq=3"));
        Assert.Equal("reused", await SqlAsync("SELECT n.state FROM dataset_version v JOIN node n USING(run_id) WHERE v.seq=3"));
    }

    [Fact]
    public async Task Version_RingsTheJobThatWaitsForIt()
    {
        await RunAsync("run", "jobs/import.yaml");
        Assert.Equal("learn/fresh: declared, when texts has a new version\n", await RunAsync("schedule", "add", "jobs/learn.yaml"));
        await RunAsync("run", "jobs/import.yaml", "--set", "text=two");
        using var ledger = Workflow.Ledger.LedgerDb.Open(Path.Combine(folder, "home", "ledger.db"), TimeProvider.System);
        var keeper = new Workflow.Schedules.ScheduleKeeper(ledger, new Workflow.Runs.History(TimeProvider.System), null, Workflow.Schedules.ScheduledJobs.Over(new StageTable([new WriteStage()])));
        var run = Assert.Single(await keeper.LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"{run}|learn|upstream|texts@2", await SqlAsync("SELECT run_id || '|' || pipeline || '|' || trigger_kind || '|' || partition_key FROM run WHERE schedule_key='learn/fresh'"));
    }

    sealed record WriteOptions
    {
        public string Text { get; init; } = "";
    }

    sealed class WriteStage : IStage
    {
        public string Name => "write";

        public string Version => "1";

        public Type OptionsType => typeof(WriteOptions);

        public IReadOnlyList<InputSlot> Inputs => [];

        public IReadOnlyList<string> Outputs => ["documents"];

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) =>
            File.WriteAllTextAsync(Path.Combine(context.OutputFolder("documents"), "text"), ((WriteOptions)context.Options).Text, cancellationToken);
    }
}
