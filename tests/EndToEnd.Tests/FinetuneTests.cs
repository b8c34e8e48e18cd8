using Xunit;

namespace EndToEnd.Tests;

/// <summary>A Hugging Face folder goes in, is measured, mines its own negatives, is trained further, is measured again: jobs/finetune.yaml on a small model.</summary>
public sealed class FinetuneTests
{
    static readonly string[] Small = ["--set", "stages.train.with.training.max_steps=12", "--set", "stages.train.with.training.learning_rate=0.002"];

    [Fact]
    public async Task APretrainedModel_IsUsedAsItsFolderSays_AndTrainedFurther()
    {
        using var home = new HomeFolder();
        var model = Golden("bert-mini");

        var run = await WorkflowProgram.RunAsync(["run", "jobs/finetune.yaml", "--home", home.Path, "--json", "--set", $"model={model}", .. Small]);

        Assert.True(run.ExitCode == 0, run.Errors);
        var id = (string)run.Json["run"]!;
        var logs = (await WorkflowProgram.RunAsync("logs", id, "--home", home.Path)).Output;
        Assert.Contains("pooling cls (1_Pooling/config.json), not normalised (modules.json), 64 tokens (sentence_bert_config.json)", logs, StringComparison.Ordinal);
        Assert.Contains("Not used: pooler.dense.bias, pooler.dense.weight.", logs, StringComparison.Ordinal);
        Assert.Contains("On 256 pairs of the data", logs, StringComparison.Ordinal);
        Assert.True((double)run.Json["scores"]!["model"]!["recall@100"]! > 0);

        // The same job with another pooling is refused before it trains, and says what that would cost.
        var refused = await WorkflowProgram.RunAsync(["run", "jobs/finetune.yaml", "--home", home.Path, "--json", "--set", $"model={model}", .. Small, "--set", "stages.train.with.training.model.pooling=mean"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the model says cls (1_Pooling/config.json), the job mean", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("finds the right passage first for", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("allow: [pooling]", refused.Errors, StringComparison.Ordinal);

        // Allowed, it runs, and the artifact says so.
        var allowed = await WorkflowProgram.RunAsync(
            ["run", "jobs/finetune.yaml", "--home", home.Path, "--json", "--set", $"model={model}", .. Small, "--set", "stages.train.with.training.model={pooling: mean, allow: [pooling]}"]);
        Assert.True(allowed.ExitCode == 0, allowed.Errors);
        var hash = (string)allowed.Json["artifacts"]!["train.model"]!;
        var manifest = Assert.Single(Directory.EnumerateFiles(home.Path, "*", SearchOption.AllDirectories), f => f.EndsWith(hash, StringComparison.Ordinal));
        Assert.Contains("pooling: the model says cls", await File.ReadAllTextAsync(manifest), StringComparison.Ordinal);
    }

    static string Golden(string name)
    {
        for (var folder = new DirectoryInfo(WorkflowProgram.Root); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "golden", name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/golden/{name} is not on this machine.");
        return "";
    }
}
