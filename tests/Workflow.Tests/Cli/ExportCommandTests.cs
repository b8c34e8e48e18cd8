using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using Trainer;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Export;
using Workflow.Cli;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary><c>export</c> of a folder and of a committed model, and the stage of the same name.</summary>
public sealed class ExportCommandTests : IDisposable
{
    const string Job = """
        job: small
        stages:
          corpus: { uses: corpus, with: { text: hello } }
          fit: { uses: fit, from: { documents: corpus }, with: { text: slowly } }
          measure: { uses: measure, from: { model: fit } }
          ship: { uses: export, from: { model: fit, data: [corpus], scores: measure }, with: { title: Small } }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("workflow-export-").FullName;

    public ExportCommandTests()
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        SaveModel(Path.Combine(folder, "model"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Export_MakesAFolderOfAFolder_OnceAndNotOverAnother()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "export", "--model", "model", "--output", "out/exported", "--json");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        var json = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal(64, json.GetProperty("compared").GetInt32());
        Assert.InRange(json.GetProperty("largest_difference").GetDouble(), 0, 1e-5);
        Assert.Equal(
            ["0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json", "README.md", "config_sentence_transformers.json", "modules.json"],
            json.GetProperty("files").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal(["exported"], Directory.GetFileSystemEntries(Path.Combine(folder, "out")).Select(Path.GetFileName));

        var again = await WorkflowProcess.RunAsync(folder, "export", "--model", "model", "--output", "out/exported");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("not empty", again.Error);
        var heads = await WorkflowProcess.RunAsync(folder, "export", "--model", "model", "--output", "other", "--heads");
        Assert.Equal(1, heads.ExitCode);
        Assert.Contains("neither a sparse nor a multi-vector head", heads.Error);
        var nothing = await WorkflowProcess.RunAsync(folder, "export", "--model", "modell", "--output", "other");
        Assert.Equal(2, nothing.ExitCode);
        Assert.Contains("There is no folder 'modell'", nothing.Error);
        Assert.Equal(2, (await WorkflowProcess.RunAsync(folder, "export", "--model", "model", "--output", "other", "--base-model", "/home/me/model")).ExitCode);
        Assert.False(Directory.Exists(Path.Combine(folder, "other")));
    }

    [Fact]
    public async Task Export_IsToldHowToPool_WhereAFolderDoesNotSay()
    {
        var golden = Path.Combine(RepositoryFiles.Shared!, "golden", "bert-mini");
        Directory.CreateDirectory(Path.Combine(folder, "bare"));
        foreach (var name in new[] { "config.json", "model.safetensors", "tokenizer.json" })
        {
            File.Copy(Path.Combine(golden, name), Path.Combine(folder, "bare", name));
        }

        var silent = await WorkflowProcess.RunAsync(folder, "export", "--model", "bare", "--output", "none");
        Assert.Equal(1, silent.ExitCode);
        Assert.Contains("does not say how its token vectors become one", silent.Error);
        Assert.False(Directory.Exists(Path.Combine(folder, "none")));

        var told = await WorkflowProcess.RunAsync(folder, "export", "--model", "bare", "--output", "told", "--pooling", "mean", "--normalize", "true");
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.True((bool)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "told", "1_Pooling", "config.json")))!["pooling_mode_mean_tokens"]!);
        Assert.Equal(3, JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "told", "modules.json")))!.AsArray().Count);
    }

    [Fact]
    public async Task Card_TellsOfACommittedModelsMaking_AndTheStagePublishesTheSameModel()
    {
        File.WriteAllText(Path.Combine(folder, "job.yaml"), Job);
        var run = await RunAsync("run", "job.yaml", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var artifacts = JsonNode.Parse(run.LastLine)!["artifacts"]!;
        var (corpus, model, scores) = ((string)artifacts["corpus.documents"]!, (string)artifacts["fit.model"]!, (string)artifacts["measure.scores"]!);

        var answer = await RunAsync("export", "--model", "last/fit.model", "--output", "shipped");

        Assert.True(answer.ExitCode == 0, answer.Error);
        Assert.Contains("64 embeddings were compared", answer.Output);
        var card = File.ReadAllText(Path.Combine(folder, "shipped", "README.md"));
        Assert.Contains($"| model | this model | `{model}` |\n| documents |  | `{corpus}` |\n", card);
        Assert.Contains($"12 held-out queries over 34 documents; metrics of profile trec, complete, with 95 % intervals over queries (scores `{scores}`).", card);
        Assert.Contains("| model | 0.7500 [0.7000, 0.8000] |", card);
        Assert.Contains("{\n  \"text\": \"slowly\"\n}", card);
        Assert.DoesNotContain(folder, card);
        Assert.Contains("expected a model", (await RunAsync("export", "--model", "last/corpus.documents", "--output", "none")).Error);

        // The stage's own artifact: the same model, under the names of its subfolders.
        var shown = Directory.GetDirectories(Path.Combine(folder, "home", "runs")).Single();
        var stage = FileSet.FromFolder(Path.Combine(shown, "ship", "export"));
        var command = FileSet.FromFolder(Path.Combine(folder, "shipped"));
        Assert.Equal(command.Paths.Keys.Append("manifest.json").Order(StringComparer.Ordinal), stage.Paths.Keys.Order(StringComparer.Ordinal));
        Assert.All(command.Paths.Keys.Where(n => n != Exporter.CardFile), name => Assert.Equal(File.ReadAllBytes(command[name]), File.ReadAllBytes(stage[name])));
        var staged = File.ReadAllText(stage[Exporter.CardFile]);
        Assert.Contains("\n# Small\n", staged);
        Assert.Contains($"## Training data\n\nArtifacts by the SHA-256 of their manifests: the same hash is the same data, byte for byte.\n\n| artifact | | hash |\n|---|---|---|\n| documents |  | `{corpus}` |\n", staged);

        var second = await RunAsync("run", "job.yaml", "--json");
        Assert.Equal((string)artifacts["ship.export"]!, (string)JsonNode.Parse(second.LastLine)!["artifacts"]!["ship.export"]!);
    }

    async Task<ProcessAnswer> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(Stages(Path.Combine(folder, "model")), TimeProvider.System, output, error, folder);
        var code = await CommandLine.RunAsync([.. arguments, "--home", Path.Combine(folder, "home")], context, TestContext.Current.CancellationToken);
        return new ProcessAnswer(code, output.ToString(), error.ToString());
    }

    static void SaveModel(string model)
    {
        var golden = RepositoryFiles.Shared is { } shared ? Path.Combine(shared, "golden", "bert-mini", "tokenizer.json") : "";
        Assert.SkipUnless(File.Exists(golden), "The golden files are not here (shared/golden/bert-mini; WORKFLOW_SHARED names another place).");
        const int vocabulary = 3000;
        Directory.CreateDirectory(model);
        new ModelConfig { ModelType = "static", Dimensions = 2, VocabularySize = vocabulary, Pooling = "weighted_mean", Normalize = true, QueryLength = 64, PassageLength = 64, QueryPrompt = "find: " }
            .Write(Path.Combine(model, ModelFolder.ConfigFile));
        SafetensorsWriter.Write(Path.Combine(model, ModelFolder.WeightsFile),
        [
            SafetensorsTensor.Floats(StaticEncoder.Table, [vocabulary, 2], Enumerable.Range(0, vocabulary).SelectMany(i => new[] { (float)Math.Cos(i), (float)Math.Sin(i) }).ToArray()),
            SafetensorsTensor.Floats(StaticEncoder.TokenWeights, [vocabulary], Enumerable.Range(0, vocabulary).Select(i => i % 3 / 2f).ToArray()),
        ]);
        File.Copy(golden, Path.Combine(model, "tokenizer.json"));
    }

    static StageTable Stages(string model) => new(
    [
        new InHost(new SmallStage("corpus", [], "documents", folder => File.WriteAllText(Path.Combine(folder, "text"), "a corpus"))),
        new InHost(new SmallStage("fit", [new InputSlot("documents", ["documents"])], "model", folder => Array.ForEach(Directory.GetFiles(model), f => File.Copy(f, Path.Combine(folder, Path.GetFileName(f)))))),
        new InHost(new SmallStage("measure", [new InputSlot("model", ["model"])], "scores", folder => File.WriteAllText(Path.Combine(folder, "scores.json"), """
            {"profile":"trec","complete":true,"documents":34,"queries":{"trec":12},"systems":{"bm25":{"ndcg@10":0.5},"model":{"ndcg@10":0.75}},"intervals":{"model":{"ndcg@10":[0.7,0.8]}}}
            """))),
        new InHost(new ExportStage()),
    ]);

    sealed record SmallOptions
    {
        public string Text { get; init; } = "";
    }

    sealed class SmallStage(string name, InputSlot[] inputs, string output, Action<string> work) : IStage
    {
        public string Name => name;

        public string Version => "1";

        public Type OptionsType => typeof(SmallOptions);

        public IReadOnlyList<InputSlot> Inputs => inputs;

        public IReadOnlyList<string> Outputs => [output];

        public Task RunAsync(StageContext context, CancellationToken cancellationToken)
        {
            work(context.OutputFolder(output));
            return Task.CompletedTask;
        }
    }

    /// <summary>A stage that runs in this process.</summary>
    sealed class InHost(IStage stage) : IStage
    {
        public string Name => stage.Name;

        public string Version => stage.Version;

        public Type OptionsType => stage.OptionsType;

        public IReadOnlyList<InputSlot> Inputs => stage.Inputs;

        public IReadOnlyList<string> Outputs => stage.Outputs;

        public bool ChildProcess => false;

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) => stage.RunAsync(context, cancellationToken);
    }
}
