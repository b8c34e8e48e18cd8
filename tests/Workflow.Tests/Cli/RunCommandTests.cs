using System.Text.Json;
using Workflow.Cli;
using Workflow.Jobs;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>The commands around a run, over small stages that run in this process.</summary>
public sealed class RunCommandTests : IDisposable
{
    const string Job = """
        job: small
        parameters:
          text: { default: hello }
        stages:
          documents: { uses: write, with: { text: "${text}" } }
          evaluate: { uses: score, from: { documents: documents } }
          report: { uses: report, from: { scores: evaluate } }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("workflow-run-").FullName;

    public RunCommandTests() => File.WriteAllText(Path.Combine(folder, "job.yaml"), Job);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<ProcessAnswer> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(Stages, TimeProvider.System, output, error, folder);
        var code = await CommandLine.RunAsync([.. arguments, "--home", Path.Combine(folder, "home")], context, TestContext.Current.CancellationToken);
        return new ProcessAnswer(code, output.ToString(), error.ToString());
    }

    static JsonElement Json(ProcessAnswer answer) => JsonDocument.Parse(answer.LastLine).RootElement;

    [Fact]
    public async Task Run_EndsWithScoresAndArtifacts_AndReusesThemTheSecondTime()
    {
        var first = await RunAsync("run", "job.yaml", "--json");

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first.Output, first.LastLine + "\n");
        var run = Json(first);
        Assert.Equal("succeeded", run.GetProperty("state").GetString());
        Assert.Equal("""{"bm25":{"ndcg@10":0.5},"model":{"ndcg@10":0.75}}""", run.GetProperty("scores").GetRawText());
        Assert.Equal(["documents.documents", "evaluate.scores", "report.report"], run.GetProperty("artifacts").EnumerateObject().Select(a => a.Name));
        Assert.Equal("<html>done</html>", File.ReadAllText(run.GetProperty("report").GetString()!));
        Assert.Contains("evaluate: started\n", first.Error);

        var second = await RunAsync("run", "job.yaml");
        Assert.Equal(0, second.ExitCode);
        Assert.Contains("Every stage was reused: nothing had changed.", second.Output);
        Assert.Contains("model   .7500 [.700, .800]", second.Output);
        Assert.Contains("Report: ", second.Output);

        var shown = Json(await RunAsync("show", "last", "--json")).GetProperty("stages");
        Assert.Equal("reused", shown.GetProperty("evaluate").GetProperty("state").GetString());
        Assert.Equal(run.GetProperty("artifacts").GetProperty("evaluate.scores").GetString(), shown.GetProperty("evaluate").GetProperty("artifacts").GetProperty("scores").GetString());
        var runs = Json(await RunAsync("runs", "--json"));
        Assert.Equal(2, runs.GetArrayLength());
        Assert.Equal(run.GetProperty("run").GetString(), runs[1].GetProperty("run").GetString());
    }

    [Fact]
    public async Task Why_NamesTheOption_AndLineageTheInputs_AfterAChange()
    {
        await RunAsync("run", "job.yaml");

        var changed = await RunAsync("run", "job.yaml", "--set", "text=other", "--json");

        var why = await RunAsync("why", "last", "documents");
        Assert.Contains("documents: computed (succeeded), because options.text hello -> other", why.Output);
        Assert.Equal("options.text", Json(await RunAsync("why", "last", "documents", "--json"))[0].GetProperty("differences")[0].GetProperty("field").GetString());
        Assert.Contains("documents", (await RunAsync("lineage", "evaluate.scores", "--up")).Output);
        var down = Json(await RunAsync("lineage", Json(changed).GetProperty("artifacts").GetProperty("documents.documents").GetString()!, "--down", "--json"));
        Assert.NotEqual(0, down.GetProperty("edges").GetArrayLength());
        Assert.StartsWith("digraph", (await RunAsync("lineage", "report.report", "--format", "dot")).Output);
        Assert.Equal(2, (await RunAsync("lineage", "report.report", "--up", "--down")).ExitCode);
    }

    [Fact]
    public async Task Verify_FindsADamagedFile_AndGcRemovesNothingThatIsKept()
    {
        var run = Json(await RunAsync("run", "job.yaml", "--json"));

        Assert.Equal(0, (await RunAsync("verify")).ExitCode);
        Assert.Equal(0, Json(await RunAsync("gc", "--grace", "0s", "--json")).GetProperty("deleted").GetInt32());
        var report = run.GetProperty("report").GetString()!;
        var text = File.ReadAllText(report);
        var store = ((FileInfo)new FileInfo(Path.Combine(Path.GetDirectoryName(report)!, "manifest.json")).ResolveLinkTarget(returnFinalTarget: true)!).Directory!.Parent!;
        var blob = Assert.Single(store.EnumerateFiles("*", SearchOption.AllDirectories), f => File.ReadAllText(f.FullName) == text).FullName;
        File.Delete(blob);
        File.WriteAllText(blob, "<html>torn</html>");

        var damaged = await RunAsync("verify", "--json");

        Assert.Equal(1, damaged.ExitCode);
        Assert.Equal("damaged", Json(damaged).GetProperty("problems")[0].GetProperty("problem").GetString());
        Assert.Contains("takes them out", (await RunAsync("verify")).Output);
        Assert.Equal(2, (await RunAsync("gc", "--keep", "soon")).ExitCode);
    }

    [Fact]
    public async Task Failure_IsExitCodeOne_AndResumeGoesOnUnderTheSameId()
    {
        var gate = Path.Combine(folder, "gate");
        File.WriteAllText(Path.Combine(folder, "job.yaml"), Job.Replace("text: \"${text}\"", $"text: a, gate: {gate}"));

        var failed = await RunAsync("run", "job.yaml", "--json");

        Assert.Equal(1, failed.ExitCode);
        Assert.Equal("failed", Json(failed).GetProperty("state").GetString());
        Assert.Contains("The gate is closed.", failed.Error);
        Assert.Contains("`workflow resume", failed.Error);
        var run = Json(failed).GetProperty("run").GetString()!;
        Assert.Contains("looking at the gate", (await RunAsync("logs", run, "--stage", "documents")).Output);
        Assert.Contains("The gate is closed.", (await RunAsync("show", run)).Output);

        File.WriteAllText(gate, "");
        var resumed = await RunAsync("resume", run, "--json");

        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(run, Json(resumed).GetProperty("run").GetString());
        Assert.Equal(1, (await RunAsync("cancel", run)).ExitCode);
        Assert.Equal(2, (await RunAsync("resume", "nothing")).ExitCode);
    }

    static StageTable Stages { get; } = new(
    [
        new SmallStage("write", [], "documents", async (context, folder) =>
        {
            var options = (SmallOptions)context.Options;
            context.Log("looking at the gate");
            if (options.Gate is { } gate && !File.Exists(gate))
            {
                throw new WorkflowException("The gate is closed.");
            }

            await File.WriteAllTextAsync(Path.Combine(folder, "text"), options.Text);
        }),
        new SmallStage("score", [new InputSlot("documents", ["documents"])], "scores", (_, folder) =>
            File.WriteAllTextAsync(Path.Combine(folder, "scores.json"), """{"systems":{"bm25":{"ndcg@10":0.5},"model":{"ndcg@10":0.75}},"intervals":{"model":{"ndcg@10":[0.7,0.8]}}}""")),
        new SmallStage("report", [new InputSlot("scores", ["scores"])], "report", (_, folder) => File.WriteAllTextAsync(Path.Combine(folder, "report.html"), "<html>done</html>")),
    ]);

    sealed record SmallOptions
    {
        public string Text { get; init; } = "";

        [Operational]
        public string? Gate { get; init; }
    }

    sealed class SmallStage(string name, InputSlot[] inputs, string output, Func<StageContext, string, Task> work) : IStage
    {
        public string Name => name;

        public string Version => "1";

        public Type OptionsType => typeof(SmallOptions);

        public IReadOnlyList<InputSlot> Inputs => inputs;

        public IReadOnlyList<string> Outputs => [output];

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) => work(context, context.OutputFolder(output));
    }
}
