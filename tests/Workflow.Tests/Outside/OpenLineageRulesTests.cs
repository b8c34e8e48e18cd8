using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>The rules see what is broken: a rule that never fails says nothing.</summary>
public sealed class OpenLineageRulesTests
{
    [Fact]
    public async Task Rules_SeeEachFault_InAStreamThatIsOtherwiseSound()
    {
        using var home = new OutsideHome("sinks:\n- { name: lineage, kind: openlineage-file, path: lineage.jsonl, from: start }\n");
        await home.RunAsync(home.Pipeline, TestContext.Current.CancellationToken);
        var lines = await File.ReadAllLinesAsync(Path.Combine(home.Root, "lineage.jsonl"), TestContext.Current.CancellationToken);
        Assert.Empty(Check(lines));

        // What comes twice is no fault.
        Assert.Empty(Check([.. lines.Take(4), .. lines]));
        var start = Array.FindIndex(lines, l => l.Contains("\"eventType\":\"START\"", StringComparison.Ordinal) && l.Contains("pipeline.sort\"", StringComparison.Ordinal));
        var end = Array.FindIndex(lines, l => l.Contains("\"eventType\":\"COMPLETE\"", StringComparison.Ordinal) && l.Contains("\"name\":\"pipeline.sort\"", StringComparison.Ordinal));
        Assert.NotEmpty(Check(Without(start)));
        Assert.NotEmpty(Check(Without(end)));
        Assert.NotEmpty(Check([.. lines, Changed(end, e => e["eventType"] = "FAIL")]));
        Assert.NotEmpty(Check(Swapped(start, end)));
        foreach (var change in new Action<JsonNode>[]
        {
            e => e["eventTime"] = "2026-03-01 12:00", e => e["producer"] = "me", e => e["schemaURL"] = "https://openlineage.io/spec/1-0-0/OpenLineage.json", e => e["run"]!["runId"] = "sort",
            e => e["job"]!["name"] = "", e => e["run"]!["facets"]!["parent"]!.AsObject().Remove("_schemaURL"), e => e["run"]!["facets"]!.AsObject().Remove("parent"),
            e => e["run"]!["facets"]!["parent"]!["run"]!["runId"] = Guid.Empty.ToString(), e => e["outputs"]![0]!["name"] = "elsewhere", e => e["inputs"]![0]!["name"] = "pipeline.never.made",
            e => e["outputs"]![0]!["facets"]!.AsObject().Remove("version"),
        })
        {
            var broken = lines.ToArray();
            broken[end] = Changed(end, change);
            Assert.NotEmpty(Check(broken));
        }

        string Changed(int at, Action<JsonNode> change)
        {
            var e = JsonNode.Parse(lines[at])!;
            change(e);
            return e.ToJsonString();
        }

        string[] Without(int at) => [.. lines.Where((_, i) => i != at)];

        string[] Swapped(int a, int b)
        {
            var other = lines.ToArray();
            (other[a], other[b]) = (other[b], other[a]);
            return other;
        }
    }

    static List<string> Check(IEnumerable<string> lines) => OpenLineageRules.Violations(lines.Select(l => JsonDocument.Parse(l).RootElement));
}
