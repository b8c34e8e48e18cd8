using System.Text.Json;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Tests.Cli;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class OpenLineageGraphTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 1)]
    public async Task Graph_IsToldAsTheSinksTellIt(bool up, int attempts)
    {
        using var home = new OutsideHome("sinks:\n- { name: lineage, kind: openlineage-file, path: lineage.jsonl, from: start }\n");
        await home.RunAsync(home.Pipeline, Cancellation);
        using var ledger = LedgerDb.OpenRead(home.Home.Paths.Ledger, TimeProvider.System);
        var model = ledger.ResolveArtifact(up ? "train.model" : "sort.sorted");
        var answer = await WorkflowProcess.RunAsync(home.Root, "lineage", model, up ? "--up" : "--down", "--format", "openlineage", "--home", home.Root);
        Assert.True(answer.ExitCode == 0, answer.Error);
        var told = answer.Output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(2 * (attempts + 1), told.Count);
        var sink = File.ReadLines(Path.Combine(home.Root, "lineage.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToDictionary(OpenLineageRules.Key);
        Assert.All(told, e => Assert.Equal(Datasets(sink[OpenLineageRules.Key(e)]), Datasets(e)));
        if (up)
        {
            // Everything read is made within the graph; downwards the beginnings lie outside it.
            Assert.Empty(OpenLineageRules.Violations(told));
        }
    }

    static string Datasets(JsonElement e) => e.GetProperty("inputs").GetRawText() + e.GetProperty("outputs").GetRawText();
}
