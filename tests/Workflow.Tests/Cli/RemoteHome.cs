using System.Text.Json;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Stages;
using Workflow.Tests.Dashboard;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>A home that real runs filled, a dashboard over it, and the command line to ask either.</summary>
public sealed class RemoteHome : IAsyncLifetime
{
    internal const string Job = """
        job: small
        parameters:
          text: { default: hello }
        datasets:
          corpus: documents.documents
        schedules:
          nightly: { cron: "30 3 * * *", zone: Europe/Berlin, jitter: 10m }
          weekly: { cron: "0 4 * * 0", paused: "the disk is full" }
          follow: { on: { dataset: elsewhere } }
        stages:
          documents: { uses: write, with: { text: "${text}" } }
          evaluate: { uses: score, from: { documents: documents } }
          report: { uses: report, from: { scores: evaluate } }
        """;

    /// <summary>Text that must come through every layer as it is.</summary>
    internal const string Hostile = SeededHome.Hostile + " \"quoted\" \\u0041 & 資料庫 \u2028 \t é";

    readonly string folder = Directory.CreateTempSubdirectory("workflow-remote-").FullName;

    internal string Folder => folder;

    internal string Home => Path.Combine(folder, "home");

    /// <summary>A run with failures and a name that is markup.</summary>
    internal string Failed { get; private set; } = "";

    /// <summary>A run with other options than the ones before it.</summary>
    internal string Changed { get; private set; } = "";

    internal DashboardHost Host { get; private set; } = null!;

    /// <summary>The clock of the home, its server and its command lines.</summary>
    internal TimeProvider Time { get; } = new StillTime();

    internal static StageTable Stages { get; } = new(
    [
        new SmallStage("write", [], "documents", async (context, output, cancellationToken) =>
        {
            var options = (SmallOptions)context.Options;
            context.Log($"writing {options.Text}");
            while (options.Gate is { } gate && !File.Exists(gate))
            {
                await Task.Delay(20, cancellationToken);
            }

            if (options.Fails)
            {
                throw new WorkflowException("The pen is broken.");
            }

            await File.WriteAllTextAsync(Path.Combine(output, "text"), options.Text, cancellationToken);
        }),
        new SmallStage("score", [new InputSlot("documents", ["documents"])], "scores", (_, output, _) =>
            File.WriteAllTextAsync(Path.Combine(output, "scores.json"), """{"systems":{"bm25":{"ndcg@10":0.5},"model":{"ndcg@10":0.75}},"intervals":{"model":{"ndcg@10":[0.7,0.8]}}}""")),
        new SmallStage("spy", [], "documents", (_, output, _) => File.WriteAllTextAsync(Path.Combine(output, "text"), "")) { OptionsType = typeof(SpyOptions) },
        new SmallStage("report", [new InputSlot("scores", ["scores"])], "report", (_, output, _) => File.WriteAllTextAsync(Path.Combine(output, "report.html"), "<html>done</html>")),
    ]);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "jobs"));
        await File.WriteAllTextAsync(Path.Combine(folder, "jobs", "small.yaml"), Job);
        Assert.Equal(0, (await HereAsync("run", "jobs/small.yaml")).ExitCode);
        Assert.Equal(0, (await HereAsync("run", "jobs/small.yaml")).ExitCode);
        Changed = Run(await HereAsync("run", "jobs/small.yaml", "--set", $"text={Hostile}", "--reason", Hostile, "--json"), 0);
        await File.WriteAllTextAsync(Path.Combine(folder, "jobs", "broken.yaml"), "job: broken\nstages:\n  documents: { uses: write, max_tries: 1, with: { text: x, fails: true } }\n");
        Failed = Run(await HereAsync("run", "jobs/broken.yaml", "--json"), 1);
        Assert.Equal(0, (await HereAsync("schedule", "add", "jobs/small.yaml")).ExitCode);
        Assert.Equal(0, (await HereAsync("schedule", "pause", "nightly", "--reason", Hostile)).ExitCode);
        using (var ledger = LedgerDb.Open(Path.Combine(Home, "ledger.db"), Time))
        {
            ledger.Write(db =>
            {
                // A job cannot be named so; a ledger from elsewhere may hold what it likes.
                db.Execute("UPDATE run SET pipeline=?1, error_text=?1||char(10)||error_text WHERE run_id=?2", Hostile, Failed);
                db.Execute("INSERT INTO model_slot(name, seq, artifact_id, actor, set_us, reason) SELECT 'champion', 1, artifact_id, ?1, 1700000000000000, ?1 FROM artifact WHERE kind='report' LIMIT 1", Hostile);
            });
        }

        Host = await DashboardHost.StartAsync(new DashboardOptions { Home = Home, Url = "http://127.0.0.1:0", Time = Time }, null, null, CancellationToken.None);
    }

    /// <summary>Says who may read a file.</summary>
    internal static void Mode(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }
    }

    /// <summary>The run that a command with --json made.</summary>
    internal static string Run(ProcessAnswer answer, int code)
    {
        Assert.True(answer.ExitCode == code, $"exit {answer.ExitCode}: {answer.Error}");
        return JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("run").GetString()!;
    }

    /// <summary>A command about the home here.</summary>
    internal Task<ProcessAnswer> HereAsync(params string[] arguments) => RunAsync(folder, Time, [.. arguments, "--home", Home]);

    /// <summary>The same about the server.</summary>
    internal Task<ProcessAnswer> ThereAsync(params string[] arguments) => RunAsync(folder, Time, [.. arguments, "--server", Host.Address]);

    /// <summary>One command line in this process.</summary>
    internal static async Task<ProcessAnswer> RunAsync(string folder, TimeProvider time, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(Stages, time, output, error, folder) { Variable = name => variables?.GetValueOrDefault(name) };
        var code = await CommandLine.RunAsync(arguments, context, TestContext.Current.CancellationToken);
        return new ProcessAnswer(code, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Real time for waiting, another day for what is shown.</summary>
    sealed class StillTime : TimeProvider
    {
        readonly TimeSpan back = TimeSpan.FromDays(100);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - back;
    }

    sealed record SmallOptions
    {
        public string Text { get; init; } = "";

        public bool Fails { get; init; }

        [Operational]
        public string? Gate { get; init; }
    }

    sealed record SpyOptions
    {
        [FilePath]
        public string Path { get; init; } = "";
    }

    sealed class SmallStage(string name, InputSlot[] inputs, string output, Func<StageContext, string, CancellationToken, Task> work) : IStage
    {
        public string Name => name;

        public string Version => "1";

        public Type OptionsType { get; init; } = typeof(SmallOptions);

        public IReadOnlyList<InputSlot> Inputs => inputs;

        public IReadOnlyList<string> Outputs => [output];

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) => work(context, context.OutputFolder(output), cancellationToken);
    }
}
