using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Jobs of the training regimes on a small judged collection, shortened: that their stages fit together, not how well they learn.</summary>
public sealed class RegimeTests
{
    static readonly string[] Short = ["initial", "teacher", "train"];

    // What may follow a training: its mean with the model before, the cross-encoder's order of that model's results, its export.
    const string More = """
          merged:
            uses: merge
            from: { models: [initial, train], pairs: pairs, documents: documents }
            with:
              lm_cocktail: { temperature: 2, examples: 50 }
              passage: title_content
              forgetting: { collections: [{ name: judged, folder: "${dataset}" }], max_drop: 0, policy: tell }
          ordered:
            uses: evaluate
            from: { model: teacher, retriever: merged, documents: documents, pairs: pairs }
            with: { collection: "${dataset}", passage: title_content, rerank: { depth: 10 }, retrieval: { resamples: 200 } }
          shipped:
            uses: export
            from: { model: teacher, scores: ordered }

        """;

    [Fact]
    public async Task Distillation_TrainsATeacher_ScoresItsCandidates_AndLearnsFromThem_AndWhatFollowsItWorks()
    {
        using var home = new HomeFolder();
        var job = Path.Combine(home.Path, "job.yaml");
        await File.WriteAllTextAsync(
            job, File.ReadAllText(Path.Combine(WorkflowProgram.Root, "jobs/regimes/distillation.yaml")).Replace("  report:\n    uses:", More + "  report:\n    uses:", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        string[] shorter =
        [
            .. Short.SelectMany(stage => new[] { "--set", $"stages.{stage}.with.training.max_steps=4" }),
            "--set", "stages.initial.with.training.transformer={hidden_size: 32, layers: 2, heads: 2, intermediate_size: 64, max_length: 64}",
            "--set", "stages.initial.with.training.query_length=16", "--set", "stages.initial.with.training.passage_length=48",
        ];

        var run = await WorkflowProgram.RunAsync(
            ["run", job, "--home", home.Path, "--json", "--set", $"dataset={Collection("adi")}", .. shorter]);

        Assert.True(run.ExitCode == 0, run.Errors);
        var artifacts = run.Json["artifacts"]!.AsObject().Select(a => a.Key).ToList();
        Assert.Contains("rescored.teacher_scores", artifacts);
        var logs = (await WorkflowProgram.RunAsync("logs", (string)run.Json["run"]!, "--home", home.Path)).Output;
        Assert.Matches(@"nDCG@10 0\.\d{4}, of the baseline 0\.\d{4}: [+-]0\.\d{4} \[[+-]0\.\d{4}, [+-]0\.\d{4}\] over 35 queries", logs);
        var scored = await WorkflowProgram.RunAsync("query", "select count(*) = count(distinct query_id || ' ' || doc_id) and bool_and(isfinite(score)) as sound from teacher_scores", "--home", home.Path);
        var folder = Path.Combine(home.Path, "runs", (string)run.Json["run"]!);
        await RequireMean(folder);
        Assert.Matches(@"nDCG@10 0\.\d{4}, of the first 10 of the retriever in the order before 0\.\d{4}: [+-]0\.\d{4} \[", logs);
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "shipped", "export", "config.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal("BertForSequenceClassification", (string)config["architectures"]![0]!);
        Assert.True(scored.ExitCode == 0 && scored.Output.Contains("true", StringComparison.OrdinalIgnoreCase), scored.Output + scored.Errors);
    }

    // Weights of the mean against numpy's, from the files alone.
    static async Task RequireMean(string run)
    {
        const string Script = """
            import json, struct, sys
            import numpy as np
            def load(path):
                with open(path, "rb") as f:
                    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
                    data = f.read()
                return {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]) for k, v in header.items() if k != "__metadata__"}
            run = sys.argv[1]
            first, second, mean = (load(f"{run}/{stage}/model/model.safetensors") for stage in ("initial", "train", "merged"))
            report = json.load(open(f"{run}/merged/forgetting/forgetting.json"))
            losses, shares = np.array(report["losses"]), np.array([m["share"] for m in report["models"]])
            weights = np.exp(-losses / 2) / np.exp(-losses / 2).sum()
            assert np.allclose(weights, shares, atol=1e-12), (weights, shares)
            assert set(first) == set(mean) and any((first[k] != second[k]).any() for k in first)
            for k in mean:
                assert (mean[k] == (first[k].astype("f8") * shares[0] + second[k].astype("f8") * shares[1]).astype("f4")).all(), k
            row, = report["rows"]
            assert row["collection"] == "judged" and row["low"] <= row["after"] - row["before"] <= row["high"], row
            """;
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, run]) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error);
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
