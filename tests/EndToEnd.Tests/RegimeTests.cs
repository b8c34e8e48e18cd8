using Xunit;

namespace EndToEnd.Tests;

/// <summary>Jobs of the training regimes on a small judged collection, shortened: that their stages fit together, not how well they learn.</summary>
public sealed class RegimeTests
{
    static readonly string[] Short = ["initial", "teacher", "train"];

    [Fact]
    public async Task Distillation_TrainsATeacher_ScoresItsCandidates_AndLearnsFromThem()
    {
        using var home = new HomeFolder();
        string[] shorter =
        [
            .. Short.SelectMany(stage => new[] { "--set", $"stages.{stage}.with.training.max_steps=4" }),
            "--set", "stages.initial.with.training.transformer={hidden_size: 32, layers: 2, heads: 2, intermediate_size: 64, max_length: 64}",
            "--set", "stages.initial.with.training.query_length=16", "--set", "stages.initial.with.training.passage_length=48",
        ];

        var run = await WorkflowProgram.RunAsync(
            ["run", "jobs/regimes/distillation.yaml", "--home", home.Path, "--json", "--set", $"dataset={Collection("adi")}", .. shorter]);

        Assert.True(run.ExitCode == 0, run.Errors);
        var artifacts = run.Json["artifacts"]!.AsObject().Select(a => a.Key).ToList();
        Assert.Contains("rescored.teacher_scores", artifacts);
        var logs = (await WorkflowProgram.RunAsync("logs", (string)run.Json["run"]!, "--home", home.Path)).Output;
        Assert.Matches(@"nDCG@10 0\.\d{4}, of the baseline 0\.\d{4}: [+-]0\.\d{4} \[[+-]0\.\d{4}, [+-]0\.\d{4}\] over 35 queries", logs);
        var scored = await WorkflowProgram.RunAsync("query", "select count(*) = count(distinct query_id || ' ' || doc_id) and bool_and(isfinite(score)) as sound from teacher_scores", "--home", home.Path);
        Assert.True(scored.ExitCode == 0 && scored.Output.Contains("true", StringComparison.OrdinalIgnoreCase), scored.Output + scored.Errors);
    }

    static string Collection(string name)
    {
        for (var folder = new DirectoryInfo(WorkflowProgram.Root); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/data/{name} is not on this machine.");
        return "";
    }
}
