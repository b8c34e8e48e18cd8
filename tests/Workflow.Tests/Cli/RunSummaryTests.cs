using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Cli;

public sealed class RunSummaryTests : IDisposable
{
    readonly HomePaths paths = new(Directory.CreateTempSubdirectory("workflow-summary-").FullName);

    public void Dispose() => Directory.Delete(paths.Root, recursive: true);

    [Fact]
    public void Summary_ShowsStagesScoresAndReport()
    {
        var run = Run(
            ("first", "scores", """{"systems":{"bm25":{"ndcg@10":0.1}}}"""),
            ("evaluate", "scores", """{"systems":{"model":{"ndcg@10":0.4542,"mrr@10":0.5,"recall@100":1},"bm25":{"ndcg@10":0.251}},"intervals":{"model":{"ndcg@10":[0.43,0.478],"mrr@10":[0.4,0.6],"recall@100":[1,1]}}}"""),
            ("report", "report", "<html/>"));
        using var output = new StringWriter();

        RunSummary.Write(RunViews.Of(paths, run), output);

        var id = HumanText.Short(run.Outputs[1].Artifact.Id);
        Assert.Equal(
            $"""
            stage     state      time  artifact  rows  hash
            first     succeeded  2.0s  scores       7  {HumanText.Short(run.Outputs[0].Artifact.Id)}
            evaluate  succeeded  2.0s  scores       7  {id}
            report    succeeded  2.0s  report       7  {HumanText.Short(run.Outputs[2].Artifact.Id)}

            system  nDCG@10               MRR@10                Recall@100
            BM25    .2510
            model   .4542 [.430, .478]    .5000 [.400, .600]    1.0000 [1.000, 1.000]

            Report: {paths.Blob(CanonicalJson.Hash("<html/>"))}

            """.Replace("nDCG@10               MRR@10                Recall@100", "nDCG@10             MRR@10              Recall@100").Replace("]    ", "]  "),
            output.ToString());
    }

    [Fact]
    public void Json_HasTheLastScoresAndEveryArtifact()
    {
        var run = Run(("first", "scores", """{"systems":{"bm25":{"ndcg@10":0.1}}}"""), ("evaluate", "scores", """{"systems":{"bm25":{"ndcg@10":0.25},"hybrid":{"mrr@10":0.5}}}"""));

        var json = JsonDocument.Parse(ApiJson.Text(RunResult.Of(RunViews.Of(paths, run)))).RootElement;

        Assert.Equal(["run", "state", "scores", "artifacts"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("""{"bm25":{"ndcg@10":0.25},"hybrid":{"mrr@10":0.5}}""", json.GetProperty("scores").GetRawText());
        Assert.Equal(run.Outputs[1].Artifact.Id, json.GetProperty("artifacts").GetProperty("evaluate.scores").GetString());
    }

    /// <summary>A finished run whose stages published one file each, in a real store.</summary>
    RunDetail Run(params (string Stage, string Kind, string Text)[] stages)
    {
        var start = DateTimeOffset.UnixEpoch;
        var outputs = new List<OutputRow>();
        var nodes = new List<NodeRow>();
        foreach (var (stage, kind, text) in stages)
        {
            var hash = Store(text);
            var name = kind == "report" ? "report.html" : "scores.json";
            var id = Store(ManifestText.Write(new Manifest { Kind = kind, Members = [new ManifestMember(name, hash, text.Length, null, hash)] }));
            outputs.Add(new OutputRow(stage, stage, kind, new ArtifactRow(id, kind, hash, 7, text.Length, 1)));
            var attempt = new AttemptRow("a", "r", stage, 1, "committed", 1, start, start.AddSeconds(2), 0, 0, null, null, null, "ok", null);
            nodes.Add(new NodeRow(stage, stage, kind, "single", "succeeded", 1, 1, 0, 3, "miss", "a", [attempt]));
        }

        return new RunDetail(new RunRow("r1", "tiny", "succeeded", "manual", "me", start, start, start.AddSeconds(6), nodes.Count, 0, nodes.Count, null), "{}", nodes, outputs, []);
    }

    string Store(string text)
    {
        var hash = CanonicalJson.Hash(text);
        Directory.CreateDirectory(Path.GetDirectoryName(paths.Blob(hash))!);
        File.WriteAllText(paths.Blob(hash), text);
        return hash;
    }
}
