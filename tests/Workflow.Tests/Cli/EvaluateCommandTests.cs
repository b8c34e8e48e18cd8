using System.Text.Json;
using Xunit;

namespace Workflow.Tests.Cli;

public sealed class EvaluateCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("workflow-evaluate-").FullName;

    public EvaluateCommandTests()
    {
        // Two queries by hand: q1 finds its document second, q2 is missing from the run.
        File.WriteAllText(Path.Combine(folder, "qrels.tsv"), "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n");
        File.WriteAllText(Path.Combine(folder, "run.trec"), "q1 Q0 d9 1 2.5 tag\nq1 Q0 d1 2 1.5 tag\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("trec", false, 1, 0.5)]
    [InlineData("trec", true, 2, 0.25)]
    [InlineData("sentence-transformers", false, 2, 0.25)]
    public async Task Evaluate_PrintsMetricsAndCounts(string profile, bool complete, int queries, double mrr)
    {
        string[] arguments = ["evaluate", "--qrels", "qrels.tsv", "--run", "run.trec", "--profile", profile, "--json"];

        var answer = await WorkflowProcess.RunAsync(folder, complete ? [.. arguments, "--complete"] : arguments);

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        var json = JsonDocument.Parse(answer.LastLine).RootElement;
        Assert.Equal((queries, 1), (json.GetProperty("queries").GetInt32(), json.GetProperty("missing").GetInt32()));
        Assert.Equal(mrr, json.GetProperty("mrr@10").GetDouble(), 12);
        Assert.Equal(mrr * 2 / Math.Log2(3), json.GetProperty("ndcg@10").GetDouble(), 12);
        Assert.All((string[])["recall@100", "map@100", "p@10"], name => Assert.True(json.TryGetProperty(name, out _)));
    }

    [Fact]
    public async Task Evaluate_PrintsATable_WithoutJson()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "evaluate", "--qrels", "qrels.tsv", "--run", "run.trec");

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("mrr@10       0.5000\n", answer.Output);
        Assert.Contains("1 queries scored of 2 judged and 1 in the run (1 missing from the run", answer.Output);
    }

    [Fact]
    public async Task Evaluate_IsExitCodeOne_WhenAFileIsMissing()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "evaluate", "--qrels", "none.tsv", "--run", "run.trec", "--json");

        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        Assert.Contains("none.tsv", answer.Error);
        Assert.DoesNotContain("bug", answer.Error);
    }
}
